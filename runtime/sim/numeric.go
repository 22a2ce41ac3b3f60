package sim

import "math"

// Logarithm and exponential in plain Go. The ones of package math are assembly
// on some machines and may be compiled with fused multiply-add on others, so that
// their last bit differs; a run must not. Every product is rounded by an explicit
// conversion, which forbids fusing (Go specification, Floating-point operators).
// The algorithms and constants are those of FreeBSD's msun (e_log.c, e_exp.c).

const (
	ln2Hi = 6.93147180369123816490e-01
	ln2Lo = 1.90821492927058770002e-10
	log2e = 1.44269504088896338700e+00
)

// logarithm is the natural logarithm of a positive, finite x.
func logarithm(x float64) float64 {
	const (
		l1 = 6.666666666666735130e-01
		l2 = 3.999999999940941908e-01
		l3 = 2.857142874366239149e-01
		l4 = 2.222219843214978396e-01
		l5 = 1.818357216161805012e-01
		l6 = 1.531383769920937332e-01
		l7 = 1.479819860511658591e-01
	)
	// x = m·2^k with m in [√½, √2)
	bits := math.Float64bits(x)
	k := int(bits>>52) - 1023
	if k == -1023 { // subnormal
		bits = math.Float64bits(float64(x * (1 << 54)))
		k = int(bits>>52) - 1023 - 54
	}
	m := math.Float64frombits(bits&(1<<52-1) | 1023<<52)
	if m > math.Sqrt2 {
		m /= 2
		k++
	}
	f := m - 1
	s := f / (2 + f)
	s2 := float64(s * s)
	s4 := float64(s2 * s2)
	t1 := float64(s2 * (l1 + float64(s4*(l3+float64(s4*(l5+float64(s4*l7)))))))
	t2 := float64(s4 * (l2 + float64(s4*(l4+float64(s4*l6)))))
	half := float64(float64(0.5*f) * f)
	kf := float64(k)
	return float64(kf*ln2Hi) - ((half - (float64(s*(half+(t1+t2))) + float64(kf*ln2Lo))) - f)
}

// exponential is e to the x.
func exponential(x float64) float64 {
	const (
		p1 = 1.66666666666666657415e-01
		p2 = -2.77777777770155933842e-03
		p3 = 6.61375632143793436117e-05
		p4 = -1.65339022054652515390e-06
		p5 = 4.13813679705723846039e-08
	)
	switch {
	case x != x:
		return x
	case x > 709.78:
		return math.MaxFloat64
	case x < -745.13:
		return 0
	}
	k := int(float64(log2e*x) + 0.5)
	if x < 0 {
		k = int(float64(log2e*x) - 0.5)
	}
	hi := x - float64(float64(k)*ln2Hi)
	lo := float64(float64(k) * ln2Lo)
	r := hi - lo
	t := float64(r * r)
	c := r - float64(t*(p1+float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))))
	y := 1 - ((lo - float64(r*c)/(2-c)) - hi)
	return math.Ldexp(y, k)
}

// nanoseconds rounds f to a whole number of nanoseconds within [0, 100 years].
func nanoseconds(f float64) int64 {
	const most = 100 * 365 * 24 * 3600 * 1e9
	if !(f > 0) {
		return 0
	}
	return int64(min(f, most) + 0.5)
}
