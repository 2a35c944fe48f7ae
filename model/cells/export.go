package cells

func Tune(floor, ceil float64, sh int, neck, radius int) {
	leastStain, mostStain, share, mostNeck, leastRadius = int32(floor*unit), int32(ceil*unit), int32(sh), int32(neck), int32(radius)
}
