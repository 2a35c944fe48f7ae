;; The machine's limit for fixed-width SIMD in a browser: multiplications and
;; additions of vectors, nothing else. Assemble with
;;
;;   wat2wasm limit.wat -o limit.wasm      (Debian package wabt)
;;
;; The sums are independent of each other, so that while one waits for its
;; product the others are worked on. There are 13 because with factor and step
;; they fill the 15 vector registers that V8 gives to a program: with 12 or with
;; 14 the loop is a tenth slower. No memory is touched.
(module
  ;; Sets each of 13 x 4 numbers s to s * factor + step, iterations times: 104
  ;; operations an iteration. Returns the sum of all first lanes, so that no
  ;; compiler may leave anything out.
  (func (export "run") (param $iterations i32) (param $factor f32) (param $step f32) (result f32)
    (local $f v128) (local $d v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128) (local $s4 v128)
    (local $s5 v128) (local $s6 v128) (local $s7 v128) (local $s8 v128) (local $s9 v128)
    (local $s10 v128) (local $s11 v128) (local $s12 v128)
    (local.set $f (f32x4.splat (local.get $factor)))
    (local.set $d (f32x4.splat (local.get $step)))
    ;; Different first values keep a compiler from joining two sums.
    (local.set $s0 (f32x4.splat (f32.const 0)))
    (local.set $s1 (f32x4.splat (f32.const 1)))
    (local.set $s2 (f32x4.splat (f32.const 2)))
    (local.set $s3 (f32x4.splat (f32.const 3)))
    (local.set $s4 (f32x4.splat (f32.const 4)))
    (local.set $s5 (f32x4.splat (f32.const 5)))
    (local.set $s6 (f32x4.splat (f32.const 6)))
    (local.set $s7 (f32x4.splat (f32.const 7)))
    (local.set $s8 (f32x4.splat (f32.const 8)))
    (local.set $s9 (f32x4.splat (f32.const 9)))
    (local.set $s10 (f32x4.splat (f32.const 10)))
    (local.set $s11 (f32x4.splat (f32.const 11)))
    (local.set $s12 (f32x4.splat (f32.const 12)))
    (loop $again
      (local.set $s0 (f32x4.add (f32x4.mul (local.get $s0) (local.get $f)) (local.get $d)))
      (local.set $s1 (f32x4.add (f32x4.mul (local.get $s1) (local.get $f)) (local.get $d)))
      (local.set $s2 (f32x4.add (f32x4.mul (local.get $s2) (local.get $f)) (local.get $d)))
      (local.set $s3 (f32x4.add (f32x4.mul (local.get $s3) (local.get $f)) (local.get $d)))
      (local.set $s4 (f32x4.add (f32x4.mul (local.get $s4) (local.get $f)) (local.get $d)))
      (local.set $s5 (f32x4.add (f32x4.mul (local.get $s5) (local.get $f)) (local.get $d)))
      (local.set $s6 (f32x4.add (f32x4.mul (local.get $s6) (local.get $f)) (local.get $d)))
      (local.set $s7 (f32x4.add (f32x4.mul (local.get $s7) (local.get $f)) (local.get $d)))
      (local.set $s8 (f32x4.add (f32x4.mul (local.get $s8) (local.get $f)) (local.get $d)))
      (local.set $s9 (f32x4.add (f32x4.mul (local.get $s9) (local.get $f)) (local.get $d)))
      (local.set $s10 (f32x4.add (f32x4.mul (local.get $s10) (local.get $f)) (local.get $d)))
      (local.set $s11 (f32x4.add (f32x4.mul (local.get $s11) (local.get $f)) (local.get $d)))
      (local.set $s12 (f32x4.add (f32x4.mul (local.get $s12) (local.get $f)) (local.get $d)))
      (local.set $iterations (i32.sub (local.get $iterations) (i32.const 1)))
      (br_if $again (local.get $iterations)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s1)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s2)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s3)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s4)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s5)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s6)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s7)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s8)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s9)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s10)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s11)))
    (local.set $s0 (f32x4.add (local.get $s0) (local.get $s12)))
    (f32x4.extract_lane 0 (local.get $s0))))
