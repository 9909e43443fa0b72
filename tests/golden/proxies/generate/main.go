// SPDX-License-Identifier: Apache-2.0

// Writes cases.txt beside this folder: which proxy Go's http.ProxyFromEnvironment chooses, which is what helm
// and kubectl ask. It reads the environment once, so each row is a process of its own. The rows are those of
// the tests of golang.org/x/net/http/httpproxy, and more of their kind. Run `go run . ..` from here. A block is
// the variables, a line each, and a line for each URL with a tab and its proxy, or "-" for none.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

type question struct {
	env  map[string]string
	urls []string
}

func with(pairs ...string) map[string]string {
	env := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return env
}

func none(list string) map[string]string {
	return with("HTTP_PROXY", "proxy", "HTTPS_PROXY", "secure:3128", "NO_PROXY", list)
}

const plain, secure = "http://example.com", "https://example.com"

var hosts = []string{"http://localhost", "http://127.0.0.1", "http://127.0.0.2:80", "http://[::1]", "http://[::2]", "http://192.168.1.1",
	"http://192.168.1.2", "http://192.168.1.2:81", "http://192.168.1.3", "https://192.168.1.3", "http://192.168.1.4", "http://10.0.0.2", "http://10.0.0.4",
	"http://[2001:db8::52:0:1]", "http://[2001:db8::52:0:2]", "https://[2001:db8::52:0:2]", "http://[2001:db8::52:0:3]", "http://[2002:db8:a::123]",
	"http://[fe80::424b:c8be:1643:a1b6]", "http://barbaz.net", "http://www.barbaz.net", "http://foobar.com", "http://www.foobar.com", "http://foofoobar.com",
	"http://baz.com", "http://localhost.net", "http://local.localhost", "http://barbarbaz.net", "http://wildcard.io", "http://nested.wildcard.io",
	"http://a.nested.wildcard.io", "http://awildcard.io", "http://FOOBAR.com", "https://www.foobar.com:8443/path?query"}

var named = []string{"https://example.com", "https://example.com:6443", "https://a.example.com", "https://a.b.example.com:6443", "http://example.com",
	"https://anexample.com", "https://example.com.evil.org"}

var numbered = []string{"https://10.1.2.3", "https://10.1.2.3:6443", "https://11.1.2.3", "https://[::ffff:10.1.2.3]", "https://[fd00::1]", "https://[fd00::1]:6443",
	"https://[fd00:1::1]", "https://[fe80::1%25eth0]", "https://10.1.2.3.example.com", "https://0.0.0.0"}

func questions() []question {
	const listed = "foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, 2001:db8::52:0:1, " +
		"[2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64"
	out := []question{{none(listed), hosts}, {none("*"), hosts}, {none(":1"), []string{plain}}, {with(), []string{plain, secure}}}
	for _, proxy := range []string{"127.0.0.1:8080", "cache.corp.example.com:1234", "cache.corp.example.com", "localhost", "https://cache.corp.example.com",
		"http://127.0.0.1:8080", "https://127.0.0.1:8080", "socks5://127.0.0.1", "socks5h://h:1080", "foo://host", "HTTP://Upper:3128", "http://h:3128/path?q",
		"http://me:secret@h:3128", "me@h:3128", "http://me:%40%2f@h", "[::1]:3128", "http://[fd00::1]"} {
		out = append(out, question{with("HTTP_PROXY", proxy), []string{plain, secure}}, question{with("HTTPS_PROXY", proxy), []string{plain, secure}})
	}
	both := with("HTTP_PROXY", "http.proxy.tld", "HTTPS_PROXY", "secure.proxy.tld")
	out = append(out, question{both, []string{"http://insecure.tld/", "https://secure.tld/", "ftp://insecure.tld/"}},
		question{with("HTTP_PROXY", "upper", "http_proxy", "lower", "NO_PROXY", "upper.org", "no_proxy", "lower.org"), []string{plain, "http://upper.org", "http://lower.org"}},
		question{with("HTTP_PROXY", "", "http_proxy", "lower", "NO_PROXY", "", "no_proxy", "lower.org"), []string{plain, "http://lower.org"}},
		question{with("https_proxy", "lower", "no_proxy", "lower.org"), []string{secure, "https://lower.org"}},
		question{with("ALL_PROXY", "all:1", "all_proxy", "all:1"), []string{plain, secure}},
		question{with("HTTPS_PROXY", "https://secure.proxy.tld", "REQUEST_METHOD", "GET"), []string{secure}})
	for _, list := range []string{"example.com", ".example.com", "*.example.com", "ample.com", "EXAMPLE.com", "example.com:6443", ".example.com:6443", "*.example.com:443",
		"example.com:", "*:6443", "**", "* ", " , ,*", "foo,*,bar", "*example.com", "a.*.example.com", "..example.com", "*..example.com", ".", "*.", "example.com.",
		"http://example.com", "example.com example.org", "\texample.com\t", "example.com:443:1", "[example.com]:443", "example.com:0443", "example.com/32", "com", ".com:443"} {
		out = append(out, question{none(list), named})
	}
	for _, list := range []string{"10.0.0.0/8", "10.1.2.3/32", "10.1.2.3/0", "10.1.2.3/33", "10.1.2.3/", "10.1.2.3/08", "10.1.2.3/+8", "10.1.2/8", "10.01.2.3", "10.1.2.3", "10.1.2.3:6443",
		"10.1.2.3:443", "::ffff:10.1.2.3", "[::ffff:10.1.2.3]:443", "::ffff:10.0.0.0/104", "::/0", "0.0.0.0/0", "fd00::/16", "fd00::/8:443", "fd00::1", "[fd00::1]", "[fd00::1]:6443",
		"[fd00::1]:", "FD00::1", "fd00:0:0::1/128", "fe80::/10", "fe80::1", "fe80::1%eth0", "fe80::1%eth0/64", "10.", "10.1.2", "3", ".3", "0.0.0.0", "10.0.0.0/8:443", "10.1.2.*", "*.1.2.3",
		"10.1.2.0-10.1.2.9", "167838211"} {
		out = append(out, question{none(list), numbered})
	}
	for _, list := range []string{".示例.com", "xn--fsq092h.com", "示例.com", "*.示例.com", "bücher.example", "BÜCHER.example", "xn--bcher-kva.example"} {
		out = append(out, question{none(list), []string{"http://www.示例.com", "http://www.xn--fsq092h.com", "http://示例.com", "https://bücher.example", "https://a.BÜCHER.example:8443"}})
	}
	return append(out, question{none("example.com"), []string{"http://[1000::%25.example.com]:123"}})
}

func choose(url string) string {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		panic(err)
	}
	proxy, err := http.ProxyFromEnvironment(request)
	if err != nil {
		panic(err)
	}
	if proxy == nil {
		return "-"
	}
	return proxy.String()
}

func ask(q question) string {
	command := exec.Command(os.Args[0], append([]string{"--ask"}, q.urls...)...)
	var lines []string
	for key, value := range q.env {
		lines = append(lines, key+"="+value)
	}
	sort.Strings(lines)
	command.Env = append([]string{"PATH=/usr/bin"}, lines...)
	text, err := command.Output()
	if err != nil {
		panic(err)
	}
	for i, proxy := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		lines = append(lines, q.urls[i]+"\t"+proxy)
	}
	return strings.Join(lines, "\n") + "\n"
}

func main() {
	if os.Args[1] == "--ask" {
		for _, url := range os.Args[2:] {
			fmt.Println(choose(url))
		}
		return
	}
	var blocks []string
	for _, q := range questions() {
		blocks = append(blocks, ask(q))
	}
	if err := os.WriteFile(filepath.Join(os.Args[1], "cases.txt"), []byte(strings.Join(blocks, "\n")), 0o644); err != nil {
		panic(err)
	}
}
