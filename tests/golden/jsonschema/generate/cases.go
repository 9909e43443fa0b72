// SPDX-License-Identifier: Apache-2.0

package main

type group struct {
	schema    string
	instances []string
}

const (
	d4    = `"$schema":"http://json-schema.org/draft-04/schema#",`
	d6    = `"$schema":"http://json-schema.org/draft-06/schema#",`
	d7    = `"$schema":"http://json-schema.org/draft-07/schema#",`
	d2019 = `"$schema":"https://json-schema.org/draft/2019-09/schema",`
)

var all = []string{`null`, `true`, `0`, `1`, `1.5`, `-5`, `1e9`, `123456789`, `"x"`, `""`, `[]`, `[1,"a"]`, `{}`, `{"a":1}`}

var groups = []group{
	{`true`, all}, {`false`, all}, {`{}`, all},
	{`{"type":"string"}`, all}, {`{"type":["integer","null"]}`, all}, {`{"type":"number"}`, all}, {`{"type":["object","array","boolean"]}`, all},
	{`{"const":1}`, all}, {`{"const":"x"}`, all}, {`{"const":null}`, all}, {`{"const":{"a":1}}`, all}, {`{"const":[1,"a"]}`, all},
	{`{"enum":["x","y",1,null,true]}`, all}, {`{"enum":["it's \"quoted\"\n"]}`, all}, {`{"enum":[{"a":1},[1]]}`, all}, {`{"enum":[1.5]}`, all},
	{`{"minimum":1,"maximum":1000}`, []string{`0`, `1`, `1000`, `1000.5`, `-1234.5`, `5000000`, `1e21`, `1e-7`}},
	{`{"exclusiveMinimum":1,"exclusiveMaximum":1000000}`, []string{`0`, `1`, `1000000`, `2000000`, `1.0000001`}},
	{`{` + d4 + `"minimum":1,"exclusiveMinimum":true,"maximum":3,"exclusiveMaximum":true}`, []string{`0`, `1`, `2`, `3`, `4`}},
	{`{` + d4 + `"minimum":1,"exclusiveMinimum":false,"maximum":3}`, []string{`0`, `1`, `3`, `4`}},
	{`{"multipleOf":0.1}`, []string{`0.3`, `1`, `0.35`, `1e10`, `0`, `"x"`}}, {`{"multipleOf":3}`, []string{`9`, `10`, `1e9`, `9999999999`, `1e21`}}, {`{"multipleOf":1e-8}`, []string{`12391239123`, `0.00751`, `1e-9`}},
	{`{"minLength":2,"maxLength":3}`, []string{`"a"`, `"é"`, `"éé"`, `"😀😀😀"`, `"abcd"`, `1`}}, {`{"maxLength":1000}`, []string{`"x"`}},
	{`{"pattern":"^[a-z]+$"}`, []string{`"abc"`, `"ABC"`, `"it's \"x\"\n"`, `"\\d"`, `"日本"`, `1`}}, {`{"pattern":"\\d{2}'"}`, []string{`"a"`}},
	{`{"minItems":2,"maxItems":3}`, []string{`[]`, `[1]`, `[1,2]`, `[1,2,3,4]`}}, {`{"uniqueItems":true}`, []string{`[1,2]`, `[1,1.0]`, `[{"a":1},{"b":1},{"a":1}]`, `[true,1]`}},
	{`{"minProperties":1,"maxProperties":2}`, []string{`{}`, `{"a":1}`, `{"a":1,"b":2,"c":3}`}},
	{`{"required":["a"]}`, []string{`{}`, `{"a":null}`}}, {`{"required":["a","b's","c"]}`, []string{`{}`, `{"a":1}`, `{"a":1,"c":1}`}},
	{`{"properties":{"a":{"type":"string"},"b":{"properties":{"c":{"minimum":3}}}}}`, []string{`{"a":1}`, `{"a":"x","b":{"c":1}}`, `{"a":1,"b":{"c":1}}`, `{"z":1}`}},
	{`{"properties":{"a/b":{"type":"string"},"c~d":{"type":"string"},"e's":{"type":"string"},"":{"type":"string"}}}`, []string{`{"a/b":1}`, `{"c~d":1}`, `{"e's":1}`, `{"":1}`}},
	{`{"properties":{"a":{}},"additionalProperties":false}`, []string{`{"a":1}`, `{"b":1}`, `{"a":1,"b'":2}`}}, {`{"additionalProperties":{"type":"string"}}`, []string{`{"a":1}`, `{"a":"x"}`}},
	{`{"patternProperties":{"^a":{"type":"string"},"b$":{"minimum":5}},"additionalProperties":false}`, []string{`{"a":1}`, `{"ab":1}`, `{"b":1}`, `{"c":1}`, `{"a":"x"}`}},
	{`{"propertyNames":{"maxLength":2}}`, []string{`{"abc":1}`, `{"ab":1}`}}, {`{"propertyNames":{"maxLength":2,"pattern":"^x"}}`, []string{`{"abc":1}`}}, {`{"properties":{"o":{"propertyNames":{"pattern":"^x"}}}}`, []string{`{"o":{"a":1}}`}},
	{`{` + d7 + `"dependencies":{"a":["b","c"],"d":{"required":["e"]}}}`, []string{`{"a":1}`, `{"a":1,"b":1}`, `{"d":1}`, `{"d":1,"e":1}`}},
	{`{"dependentRequired":{"a":["b","c"]},"dependentSchemas":{"d":{"required":["e"]}}}`, []string{`{"a":1}`, `{"d":1}`, `{"a":1,"b":1,"c":1}`}},
	{`{"items":{"type":"string"}}`, []string{`[1,"a",2]`, `["a"]`, `{}`}}, {`{` + d7 + `"items":[{"type":"string"},{"minimum":3}],"additionalItems":false}`, []string{`[1,1]`, `["a",3]`, `["a",3,4,5]`, `["a"]`}},
	{`{` + d7 + `"items":[{"type":"string"}],"additionalItems":{"type":"number"}}`, []string{`["a","b","c"]`, `["a",1]`}}, {`{"prefixItems":[{"type":"string"}],"items":{"type":"number"}}`, []string{`["a","b",1]`, `[1]`}}, {`{"prefixItems":[true],"items":false}`, []string{`[1]`, `[1,2,3]`}},
	{`{"contains":{"type":"string"}}`, []string{`[1,2]`, `[]`, `[1,"a"]`}}, {`{"contains":{"type":"string"},"minContains":2,"maxContains":3}`, []string{`[1]`, `["a"]`, `["a","b"]`, `["a","b","c","d"]`}}, {`{` + d7 + `"contains":{"minimum":5}}`, []string{`[1,2]`, `[6]`}}, {`{"contains":{"minimum":5},"minContains":0}`, []string{`[]`, `[1]`}},
	{`{"not":{"type":"string"}}`, all}, {`{"properties":{"a":{"not":{"minimum":3}}}}`, []string{`{"a":5}`}},
	{`{"allOf":[{"minimum":3},{"maximum":1},{"type":"integer"}]}`, []string{`2`, `2.5`, `"x"`}}, {`{"anyOf":[{"type":"string"},{"minimum":3}]}`, []string{`1`, `"x"`, `5`, `null`}}, {`{"anyOf":[{"type":"string"},{"minimum":3,"multipleOf":2}]}`, []string{`1`}},
	{`{"oneOf":[{"type":"string"},{"minimum":3}]}`, []string{`1`, `5`, `"x"`}}, {`{"oneOf":[{"minimum":1},{"minimum":2},{"minimum":3}]}`, []string{`0`, `1`, `2`, `3`}}, {`{"properties":{"a":{"oneOf":[{"type":"string"},{"properties":{"b":{"type":"string"}},"required":["c"]}]}}}`, []string{`{"a":{"b":1}}`, `{"a":1}`}},
	{`{"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]},"else":{"required":["c"]}}`, []string{`{"a":1}`, `{"a":2}`, `{"a":1,"b":1}`, `{"a":2,"c":1}`}}, {`{` + d6 + `"if":{"const":1},"then":false}`, []string{`1`}},
	{`{"$ref":"#/$defs/p","$defs":{"p":{"minimum":3}}}`, []string{`1`, `5`}}, {`{"$ref":"#/$defs/p","type":"string","$defs":{"p":{"minimum":3,"multipleOf":5}}}`, []string{`1`, `"x"`}}, {`{"$ref":"#/$defs/p","maximum":0,"$defs":{"p":{"minimum":3,"multipleOf":5}}}`, []string{`1`}}, {`{` + d7 + `"$ref":"#/definitions/p","type":"string","definitions":{"p":{"minimum":3,"multipleOf":5}}}`, []string{`1`, `"x"`, `5`}},
	{`{"properties":{"a":{"$ref":"#/$defs/p"},"b":{"$ref":"#/$defs/p"}},"$defs":{"p":{"type":"object","required":["x","y"],"properties":{"x":{"type":"string"}}}}}`, []string{`{"a":{},"b":{"x":1}}`, `{"a":1}`}},
	{`{"$defs":{"tree":{"type":"object","properties":{"kids":{"items":{"$ref":"#/$defs/tree"}},"v":{"type":"number"}},"required":["v"]}},"$ref":"#/$defs/tree"}`, []string{`{"v":1,"kids":[{"v":"x"},{"kids":[{}]}]}`, `{"v":1}`}},
	{`{"properties":{"a":{"$ref":"#"}},"additionalProperties":false}`, []string{`{"a":{"a":{"b":1}}}`}}, {`{"$defs":{"a":{"$anchor":"here","type":"string"}},"properties":{"x":{"$ref":"#here"}}}`, []string{`{"x":1}`}}, {`{` + d7 + `"definitions":{"a":{"$id":"#here","type":"string"}},"properties":{"x":{"$ref":"#here"}}}`, []string{`{"x":1}`}},
	{`{"$id":"http://example.com/root.json","$defs":{"a":{"$id":"a.json","type":"string","$defs":{"b":{"type":"number"}}}},"properties":{"x":{"$ref":"a.json"},"y":{"$ref":"a.json#/$defs/b"},"z":{"$ref":"http://example.com/a.json"}}}`, []string{`{"x":1}`, `{"y":"a"}`, `{"z":1}`, `{"x":"a","y":1}`}},
	{`{"$id":"http://example.com/dir/root.json","items":{"$ref":"../other.json"},"$defs":{"o":{"$id":"/other.json","minimum":1}}}`, []string{`[0]`}}, {`{"properties":{"a%25b":{"type":"string"},"x":{"$ref":"#/properties/a%2525b"}}}`, []string{`{"x":1}`}}, {`{"foo":{"bar":{"type":"string"}},"properties":{"x":{"$ref":"#/foo/bar"}}}`, []string{`{"x":1}`}},
	{`{"properties":{"x":{"$ref":"#/nowhere"}}}`, []string{`{"x":1}`}}, {`{"properties":{"x":{"$ref":"#nowhere"}}}`, []string{`{"x":1}`}}, {`{"properties":{"x":{"pattern":"("}}}`, []string{`{"x":"1"}`}}, {`{"properties":{"x":{"$ref":"other.json"}}}`, []string{`{"x":1}`}},
	{`{"properties":{"a":{}},"unevaluatedProperties":false}`, []string{`{"a":1,"b":2}`, `{"a":1}`}}, {`{"allOf":[{"properties":{"a":{}}}],"anyOf":[{"properties":{"b":{"type":"string"}}},{"properties":{"c":{}}}],"unevaluatedProperties":{"type":"string"}}`, []string{`{"a":1,"b":"x","c":2}`, `{"a":1,"b":2,"c":2}`, `{"a":1,"z":5}`}},
	{`{"prefixItems":[{}],"unevaluatedItems":false}`, []string{`[1]`, `[1,2]`}}, {`{"contains":{"type":"string"},"unevaluatedItems":{"type":"number"}}`, []string{`["a",1]`, `["a",null]`}}, {`{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"properties":{"b":{}}},"unevaluatedProperties":false}`, []string{`{"a":1,"b":2}`, `{"a":2,"b":2}`}}, {`{` + d2019 + `"items":[{}],"unevaluatedItems":false}`, []string{`[1]`, `[1,2]`}}, {`{"$ref":"#/$defs/b","unevaluatedProperties":false,"$defs":{"b":{"properties":{"a":{}}}}}`, []string{`{"a":1}`, `{"a":1,"b":1}`}}, {`{"not":{"properties":{"a":{}}},"unevaluatedProperties":false}`, []string{`{"a":1}`}},
	{`{` + d2019 + `"$recursiveAnchor":true,"properties":{"a":{"$recursiveRef":"#"}},"additionalProperties":false}`, []string{`{"a":{"a":{}}}`, `{"a":{"b":1}}`}}, {`{"$id":"http://e.com/r","$dynamicAnchor":"n","properties":{"a":{"$dynamicRef":"#n"}},"unevaluatedProperties":false}`, []string{`{"a":{"a":{}}}`, `{"a":{"b":1}}`}},
	{`{"$id":"http://e.com/strict","$dynamicAnchor":"node","$ref":"tree","unevaluatedProperties":false,"$defs":{"t":{"$id":"tree","$dynamicAnchor":"node","type":"object","properties":{"data":true,"children":{"type":"array","items":{"$dynamicRef":"#node"}}}}}}`, []string{`{"children":[{"daat":1}]}`, `{"children":[{"data":1}]}`}},
	{`{` + d7 + `"format":"ipv4"}`, []string{`"1.2.3.4"`, `"1.2.3"`, `"01.2.3.4"`, `"256.1.1.1"`, `"a.b.c.d"`, `1`}}, {`{` + d7 + `"format":"ipv6"}`, []string{`"::1"`, `"1.2.3.4"`, `"fe80::1%eth0"`}}, {`{` + d7 + `"format":"hostname"}`, []string{`"a.example"`, `"-a"`, `"a-"`, `"a..b"`, `"a_b"`, `"a."`, `""`}}, {`{` + d7 + `"format":"email"}`, []string{`"a@b.c"`, `"a"`, `".a@b"`, `"a.@b"`, `"a..b@c"`, `"a b@c"`, `"a@-b"`, `"a@[1.2.3.4]"`, `"a@[1.2.3]"`, `"a@[IPv6:::1]"`, `"\"a b\"@c"`}},
	{`{` + d7 + `"format":"date"}`, []string{`"2001-02-28"`, `"2001-02-29"`, `"2001-13-01"`, `"2001-1-1"`, `"x"`, `"2001-01-01x"`, `""`}}, {`{` + d7 + `"format":"time"}`, []string{`"12:00:00Z"`, `"12:00:00"`, `"12:00:00+01:00"`, `"25:00:00Z"`, `"12:00:60Z"`, `"23:59:60Z"`, `"00:29:60+00:30"`, `"12:00:00.Z"`, `"12:00:00.5Z"`, `"12-00-00Z"`, `"12:00:00+1:00"`, `"1a:00:00Z"`, `"12:00:00+99:00"`, `"12:00:00x00:00"`}}, {`{` + d7 + `"format":"date-time"}`, []string{`"2001-01-01T12:00:00Z"`, `"2001-01-01 12:00:00Z"`, `"2001-01-01"`, `"2001-02-30T12:00:00Z"`, `"2001-01-01T12:00:99Z"`}},
	{`{` + d7 + `"format":"uri"}`, []string{`"http://a/b"`, `"a"`, `"http://a b/"`, `"%zz"`, `"1:2"`, `":x"`, `"http://[::1"`, `"urn:a:b"`, `"http://a/%zz"`}}, {`{` + d7 + `"format":"uri-reference"}`, []string{`"a/b"`, `"a\\b"`, `"%"`}}, {`{` + d7 + `"format":"uuid"}`, []string{`"2eb8aa08-aa98-11ea-b4aa-73b441d16380"`, `"2eb8aa08"`, `"2eb8aa0g-aa98-11ea-b4aa-73b441d16380"`, `"2eb8aa08-aa9-11ea-b4aa-73b441d16380"`}}, {`{` + d7 + `"format":"duration"}`, []string{`"P1D"`, `"P"`, `"1D"`, `"PT1S"`, `"P1W"`, `"PW"`, `"PxW"`, `"P1DT"`, `"P1D1Y"`, `"P1X"`, `"PD"`, `"P1"`, `"PT1H1M1S"`, `"P1DT1HT"`}},
	{`{` + d7 + `"format":"semver"}`, []string{`"1.2.3"`, `"1.2"`, `"01.2.3"`, `"1.2.3-a.01"`, `"1.2.3-"`, `"1.2.3+"`, `"1.2.3+a..b"`, `"1.x.3"`, `"1.2.3-a_b"`}}, {`{` + d7 + `"format":"regex"}`, []string{`"a+"`, `"("`}}, {`{` + d7 + `"format":"json-pointer"}`, []string{`"/a~0"`, `"a"`, `"/~2"`}}, {`{` + d7 + `"format":"relative-json-pointer"}`, []string{`"1/a"`, `"0#"`, `"01"`, `"/a"`}}, {`{` + d7 + `"format":"unknown"}`, []string{`"x"`}}, {`{"format":"ipv4"}`, []string{`"x"`}}, {`{` + d7 + `"format":"period"}`, []string{`"P1D/2001-01-01T12:00:00Z"`, `"x"`, `"P/x"`}},
	{`{"type":"object","properties":{"image":{"type":"object","properties":{"tag":{"type":"string"},"pullPolicy":{"enum":["Always","IfNotPresent","Never"]}},"required":["tag"],"additionalProperties":false},"replicas":{"type":"integer","minimum":1},"ports":{"type":"array","items":{"type":"object","properties":{"port":{"type":"integer","maximum":65535}},"required":["name","port"]}}}}`, []string{`{"image":{"tag":1.1,"pullPolicy":"Sometimes","x":1},"replicas":0,"ports":[{"port":70000},{"name":"a","port":"http"}]}`, `{"replicas":1.5}`, `{"image":null}`, `[]`}},
}
