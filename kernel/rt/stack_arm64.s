#include "textflag.h"

// The runtime's record of a goroutine begins with the bounds of its stack, two words
// for its growth, and the innermost panic.

// func stack() (used, size int64)
TEXT ·stack(SB), NOSPLIT, $0-16
	MOVD 0(g), R0
	MOVD 8(g), R1
	MOVD RSP, R2
	SUB R2, R1, R2
	MOVD R2, used+0(FP)
	SUB R0, R1, R1
	MOVD R1, size+8(FP)
	RET

// func innermostPanic() *runtimePanic
TEXT ·innermostPanic(SB), NOSPLIT, $0-8
	MOVD 32(g), R0
	MOVD R0, ret+0(FP)
	RET

// func goroutine() unsafe.Pointer
TEXT ·goroutine(SB), NOSPLIT, $0-8
	MOVD g, ret+0(FP)
	RET

TEXT ·stack128(SB), 0, $75497472-0
	RET

TEXT ·stack256(SB), 0, $150994944-0
	RET

TEXT ·stack512(SB), 0, $301989888-0
	RET

TEXT ·stack1024(SB), 0, $603979776-0
	RET
