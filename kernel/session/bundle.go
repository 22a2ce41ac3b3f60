package session

import (
	"encoding/json"
	"regexp"
	"strings"

	"netsplit/kernel/wire"
)

// mediaType is what front ends accept as a key of a MIME bundle.
var mediaType = regexp.MustCompile(`^[a-zA-Z0-9.+_-]+/[a-zA-Z0-9.+_-]+$`)

// showable makes a bundle what the protocol's schema asks for: keys are media types,
// text is a string. A front end that finds anything else throws the output away.
func showable(data map[string]any) wire.Dict {
	good := wire.Dict{}
	for key, value := range data {
		if !mediaType.MatchString(key) || value == nil {
			continue
		}
		if _, isText := value.(string); !isText && !isJSON(key) {
			if raw, err := json.Marshal(value); err == nil {
				value = string(raw)
			}
		}
		good[key] = value
	}
	return good
}

// isJSON tells whether content of a media type is JSON.
func isJSON(key string) bool {
	return key == "application/json" || strings.HasPrefix(key, "application/") && strings.HasSuffix(key, "+json")
}
