#include "textflag.h"

// The runtime's record of a goroutine begins with the bounds of its stack.

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

TEXT ·stack128(SB), 0, $100663296-0
	RET

TEXT ·stack256(SB), 0, $201326592-0
	RET

TEXT ·stack512(SB), 0, $402653184-0
	RET

TEXT ·stack1024(SB), 0, $805306368-0
	RET
