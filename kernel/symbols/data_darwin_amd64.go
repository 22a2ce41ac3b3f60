package symbols

import _ "embed"

//go:embed data/std_darwin_amd64.zip
var platformData []byte
