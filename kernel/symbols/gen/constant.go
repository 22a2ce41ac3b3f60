package main

import (
	"go/constant"
	"go/types"
	"math/big"
)

// constantKind is the token of an untyped constant that may overflow the type
// that a conversion to interface gives it, or "".
func constantKind(c *types.Const) string {
	switch c.Val().Kind() {
	case constant.String:
		return "STRING"
	case constant.Int:
		return "INT"
	case constant.Float:
		return "FLOAT"
	}
	return ""
}

// exact is the constant's value as a literal.
func exact(c *types.Const) string {
	if c.Val().Kind() != constant.Float {
		return c.Val().ExactString()
	}
	f, ok := constant.Val(c.Val()).(*big.Float)
	if !ok {
		f = new(big.Float).SetRat(constant.Val(c.Val()).(*big.Rat))
	}
	return f.Text('g', int(f.Prec()))
}
