package session

import (
	"runtime"
	"strings"

	"netsplit/kernel/wire"
)

// LanguageInfo is what front ends, nbconvert and notebook files need to know about Go.
func LanguageInfo() wire.LanguageInfo {
	version, _, _ := strings.Cut(strings.TrimPrefix(runtime.Version(), "go"), " ")
	return wire.LanguageInfo{
		Name:           "go",
		Version:        version,
		MimeType:       "text/x-go",
		FileExtension:  ".go",
		PygmentsLexer:  "go",
		CodemirrorMode: "go",
	}
}

// kernelInfo introduces the kernel. Clients ask on both channels, and take a kernel
// for dead that does not answer while a cell runs.
func (s *Session) kernelInfo(*request) (any, error) {
	language := LanguageInfo()
	return wire.KernelInfoReply{
		ProtocolVersion:       wire.Version,
		Implementation:        "netsplit",
		ImplementationVersion: s.Version,
		LanguageInfo:          language,
		Banner:                "Netsplit " + s.Version + ": Go " + language.Version + " and a simulated distributed system",
		HelpLinks: []wire.HelpLink{
			{Text: "A Tour of Go", URL: "https://go.dev/tour/"},
			{Text: "Go standard library", URL: "https://pkg.go.dev/std"},
			{Text: "Go language specification", URL: "https://go.dev/ref/spec"},
		},
		SupportedFeatures: []string{"kernel subshells"},
	}, nil
}
