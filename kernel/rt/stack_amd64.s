#include "textflag.h"

// The runtime's record of a goroutine begins with the bounds of its stack, two words
// for its growth, and the innermost panic.

// func stack() (used, size int64)
TEXT ·stack(SB), NOSPLIT, $0-16
	MOVQ (TLS), AX
	MOVQ 0(AX), BX
	MOVQ 8(AX), CX
	MOVQ CX, DX
	SUBQ SP, DX
	MOVQ DX, used+0(FP)
	SUBQ BX, CX
	MOVQ CX, size+8(FP)
	RET

// func innermostPanic() *runtimePanic
TEXT ·innermostPanic(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ 32(AX), AX
	MOVQ AX, ret+0(FP)
	RET

// func goroutine() unsafe.Pointer
TEXT ·goroutine(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET

TEXT ·stack128(SB), 0, $75497472-0
	RET

TEXT ·stack256(SB), 0, $150994944-0
	RET

TEXT ·stack512(SB), 0, $301989888-0
	RET

TEXT ·stack1024(SB), 0, $603979776-0
	RET
