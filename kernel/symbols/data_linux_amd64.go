package symbols

import _ "embed"

//go:embed data/std_linux_amd64.zip
var platformData []byte
