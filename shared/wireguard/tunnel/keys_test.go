package tunnel

import "encoding/base64"

func decodeKey(text string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(text) }
