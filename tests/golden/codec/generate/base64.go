// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"math/rand"
)

// Texts as they may stand in a Secret or behind b64dec, whole and wounded; "out" is hex.
func base64Pairs(random *rand.Rand, decode func(string) ([]byte, error), encode func([]byte) string) (out []pair) {
	texts := []string{"", "=", "==", "====", "a", "ab", "abc", "abcd", "YQ==", "YQ=", "YQ", "YWI=", "YWJj", "YQ==\n", "Y\nQ=\r\n=", "YQ==YQ==", "Y=Q=", "YQ=a", "YQ== ", " YQ==", "YQ\x00==", "YWI==", "YWJj=",
		"ME======", "ME=====", "ME", "MFRA====", "MFRGG===", "MFRGGZA=", "MFRGGZDF", "M=======", "MFR=====", "mfrggzdf", "MFRGGZDF1", "MFRGGZDF\n", "ME======ME======", "ME==A===", "MFRGGZ=="}
	for i := 0; i < 150; i++ {
		data := make([]byte, random.Intn(20))
		random.Read(data)
		text := encode(data)
		texts = append(texts, text)
		if len(text) > 0 {
			at := random.Intn(len(text))
			wounds := []string{"\n", "=", " ", "-", "_", "\r\n", "é", "A", "!"}
			texts = append(texts, text[:at]+wounds[random.Intn(len(wounds))]+text[at:], text[:at]+text[at+1:], text[:at])
		}
	}
	for _, text := range texts {
		data, err := decode(text)
		if err != nil {
			out = append(out, pair{In: text, Error: err.Error()})
		} else {
			out = append(out, pair{In: text, Out: hex.EncodeToString(data)})
		}
	}
	return out
}

func writeBase64(dir string, random *rand.Rand) {
	write(dir, "base64.json", base64Pairs(random, base64.StdEncoding.DecodeString, base64.StdEncoding.EncodeToString))
	write(dir, "base32.json", base64Pairs(random, base32.StdEncoding.DecodeString, base32.StdEncoding.EncodeToString))
}
