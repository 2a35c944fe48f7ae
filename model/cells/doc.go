// Package cells finds the stained cells of a blood smear at the training magnification
// (a red cell 16 to 17 pixels wide), under any light: each a nucleus with a rim of
// cytoplasm, nuclei that touch divided, the lobes of one nucleus kept together.
//
// The light is made even (package standard), stain that nuclei take up and red cells do
// not is measured in optical density and cut at a threshold relative to the picture's own
// nuclei; specks are dropped, connected nuclei divided by a watershed on the map of
// distances to their rim, small parts side by side joined as lobes; what compares badly
// with the picture's typical nucleus is a smudge, a red cell or a fragment. All sums are
// of whole numbers, and time grows as the pixels: the same picture has the same cells on
// every platform. lab/results/cells.json has what was measured.
package cells
