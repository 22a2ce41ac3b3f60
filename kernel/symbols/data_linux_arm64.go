package symbols

import _ "embed"

//go:embed data/std_linux_arm64.zip
var platformData []byte
