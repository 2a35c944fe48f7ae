package cases

import (
	"fmt"
	"strings"
)

// MostLabel is how long a label may be, in characters.
const MostLabel = 32

// What is told of characters here needs no regular expressions: the package for them would make the
// page a fortieth larger.
const (
	digits    = "0123456789"
	alphabet  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	separator = "._/-"
)

// CheckLabel refuses what may name a person: a label is empty, or a number or code of up to 32
// letters A to Z, digits, and . _ / -, with a digit in it, no more than three letters in a row,
// and not of the form of a date, which may be one of birth.
func CheckLabel(label string) error {
	const expected = "Expected a number or a code such as S24-0117, of digits and at most three letters in a row: a case must not hold a name."
	switch {
	case label == "":
		return nil
	case len(label) > MostLabel:
		return fmt.Errorf("the label is longer than %d characters. %s", MostLabel, expected)
	case !isOf(label, digits+alphabet+separator) || strings.ContainsAny(label[:1], separator):
		return fmt.Errorf("the label %q has other characters than letters A to Z, digits and . _ / -. %s", label, expected)
	case longestRun(label, alphabet) > 3 || !strings.ContainsAny(label, digits):
		return fmt.Errorf("the label %q may be a name. %s", label, expected)
	case holdsDate(label):
		return fmt.Errorf("the label %q looks like a date, which may be one of birth. %s", label, expected)
	}
	return nil
}

// isOf tells whether text has no other characters than those of set.
func isOf(text, set string) bool { return strings.Trim(text, set) == "" }

// isSHA256 tells whether text is one in small hexadecimal digits.
func isSHA256(text string) bool { return len(text) == 64 && isOf(text, digits+"abcdef") }

// longestRun is how many characters of set follow one another at most.
func longestRun(text, set string) (longest int) {
	run := 0
	for _, r := range text {
		if !strings.ContainsRune(set, r) {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// months are the first three letters of their names in English, and where they are others in German,
// French, Spanish and Portuguese.
const months = "jan feb mar apr may jun jul aug sep oct nov dec mai okt dez fev avr ene abr ago dic"

// holdsDate tells whether text holds what can be a day, a month and a year: three numbers with one
// separator between each two, of 1 or 2, 1 or 2, and 2 or 4 digits, or of 4, 1 or 2, and 1 or 2; the
// same with a month's three letters for one of the short ones, separated or not; or eight digits in a row.
// Six in a row are not told from a number.
func holdsDate(text string) bool {
	var lengths []int // of numbers that follow one another so
	for text != "" {
		set := separator
		for _, other := range []string{digits, alphabet} {
			if strings.Contains(other, text[:1]) {
				set = other
			}
		}
		rest := strings.TrimLeft(text, set)
		run := text[:len(text)-len(rest)]
		text = rest
		switch {
		case set == separator && len(run) == 1:
			continue
		case set == separator, set == alphabet && !isMonth(run):
			lengths = nil
			continue
		case set == alphabet:
			lengths = append(lengths, 2)
		case isEightDigitDate(run):
			return true
		default:
			lengths = append(lengths, len(run))
		}
		if k := len(lengths); k >= 3 && isDate(lengths[k-3], lengths[k-2], lengths[k-1]) {
			return true
		}
	}
	return false
}

func isMonth(run string) bool {
	return len(run) == 3 && strings.Contains(months, strings.ToLower(run))
}

// isEightDigitDate tells whether digits are a year from 1900 to 2099 with a month and a day, in one of the
// orders that are in use.
func isEightDigitDate(run string) bool {
	if len(run) != 8 {
		return false
	}
	date := func(year, month, day string) bool {
		return (year[:2] == "19" || year[:2] == "20") && "01" <= month && month <= "12" && "01" <= day && day <= "31"
	}
	return date(run[:4], run[4:6], run[6:]) || date(run[4:], run[2:4], run[:2]) || date(run[4:], run[:2], run[2:4])
}

// isDate tells whether numbers of so many digits can be a date.
func isDate(first, second, third int) bool {
	short := func(n int) bool { return n == 1 || n == 2 }
	return short(second) && (first == 4 && short(third) || short(first) && (third == 2 || third == 4))
}
