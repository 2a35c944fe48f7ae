package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"allnet/cases/evidence"
	"allnet/internal/options"
	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/lime"
	"allnet/model"
	"allnet/model/explain"
)

func explainPicture(set *flag.FlagSet) action {
	out := set.String("out", ".", "`folder` for NAME.outline.png, NAME.regions.png, NAME.heatmap.png, NAME.gradcam.png and NAME.json")
	className := set.String("class", "", "class to explain: Benign, Early, Pre or Pro (default: the predicted one)")
	asked := options.SettingsFlags(set)
	fieldNumber := set.Int("field", 0, "number of the field to explain, from 1, of a picture that is read in several; 0: the one with most cells")
	permutations := set.Int("shapley", 0, fmt.Sprintf("permutations for Shapley values as a second opinion, an even number; %d are usually enough (default: none)", lime.DefaultPermutations))
	reading := options.ReadingFlags(set)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		m, choices, err := reading.Open()
		if err != nil {
			return err
		}
		presetName, settings, err := asked.Settings(m)
		if err != nil {
			return err
		}
		ask := evidence.Asked{Preset: presetName, Settings: settings}
		if options.Given(set)["shapley"] {
			shapley := settings.ShapleySettings(*permutations)
			if err := shapley.Validate(); err != nil {
				return err
			}
			ask.Shapley = &shapley
		}
		name := args[0]
		p, err := dataset.Read(name)
		if err != nil {
			return fmt.Errorf("%s: %w", terminal.Shown(name), err)
		}
		specimen, err := m.Prepare(p, choices.Options())
		if err != nil {
			return fmt.Errorf("%s: %w", terminal.Shown(name), err)
		}
		answer, err := m.NewSession().Read(specimen)
		if err != nil {
			return err
		}
		if ask.Field, err = evidence.FieldOf(specimen, *fieldNumber); err != nil {
			return fmt.Errorf("%s: %w", terminal.Shown(name), err)
		}
		ask.Class = answer.Predicted
		if *className != "" {
			if ask.Class, err = model.ParseClass(*className); err != nil {
				return err
			}
		} else if answer.Abstained {
			fmt.Fprintf(stderr, "There is no answer. What follows is the evidence for %s, which the network would rank first; -class shows that for another class.\n", ask.Class)
		} else if ask.Class == model.Benign {
			fmt.Fprintln(stderr, "The answer is Benign: there is no malignant region to outline. What follows is the evidence for Benign; -class shows that for another class.")
		}

		if err := os.MkdirAll(*out, 0o755); err != nil {
			return err
		}
		bar := newProgress(stderr, "")
		defer bar.close()
		advance := func(s explain.Stage, done, total int) {
			bar.stage(string(s))
			bar.update(done, total)
		}
		record := model.NewRecord(name, answer, nil)
		record.Describe(specimen, answer)
		e, err := evidence.Of(ctx, m, record, specimen, answer, ask, advance)
		if err != nil {
			return fmt.Errorf("%s: %w", terminal.Shown(name), err)
		}
		base := filepath.Join(*out, strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
		if err := e.Write(base); err != nil {
			return err
		}
		bar.close()
		if err := writeExplanation(stdout, e, settings); err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, "written: %s.{outline,regions,heatmap,gradcam}.png, %s.json\n", terminal.Shown(base), terminal.Shown(base))
		return err
	}
}

// writeSet names a set of cells by their numbers from 1.
func writeSet(w io.Writer, what string, s *explain.CellSet) {
	if !s.Found || len(s.Superpixels) == 0 {
		return
	}
	var numbers []string
	for _, c := range s.Superpixels {
		numbers = append(numbers, strconv.Itoa(c+1))
	}
	size := "a small set of them, perhaps not the smallest"
	if s.Proven {
		size = "no smaller set does"
	}
	fmt.Fprintf(w, "  %s cell %s (%s).\n", what, strings.Join(numbers, ", "), size)
}

// writeExplanation writes the answer, what the evidence for a class is worth, and its regions.
func writeExplanation(w io.Writer, e *evidence.Evidence, settings lime.Settings) error {
	if err := writeRecord(w, e.Record); err != nil {
		return err
	}
	c, r := e.Explained, e.Results()
	fmt.Fprintf(w, "evidence for %s: R² %.3f, agreement of the halves %.2f, intercept %.3f", r.Class, c.R2, c.Agreement, c.Intercept)
	if !e.Abstained { // what the network says of the picture is no answer
		fmt.Fprintf(w, ", local prediction %.3f (network %.3f)", c.LocalPrediction, c.TargetValue)
	}
	fmt.Fprintln(w)
	for _, warning := range c.Warnings {
		fmt.Fprintln(w, " ", warning.Sentence())
	}
	if r.Readings != nil {
		fmt.Fprintln(w, " ", r.Readings.Tally.Sentence())
		writeSet(w, "The answer for the field changes without", &r.Readings.Decisive)
		writeSet(w, "The answer for the field stays with no other cells than", &r.Readings.Sufficient)
	} else {
		fmt.Fprintln(w, " ", e.Nuclei.Sentences())
	}
	writeFaithfulness(w, r.Class, r.Faithfulness, settings.Regions)
	if !c.Readable {
		fmt.Fprintln(w, "This explanation should not be read.")
	} else {
		fmt.Fprintln(w, "R² and the agreement say that the weights describe this network, not that the network is sensible.")
	}
	writeRegions(w, r.Class, r.Regions[:min(len(r.Regions), settings.Features)], r.SecondOpinion)
	limit := r.Legend.Limit
	fmt.Fprintf(w, "heat map: blue %+.3g against, white 0, red %+.3g for %s\n", -limit, limit, r.Class)
	fmt.Fprintf(w, "Grad-CAM: white 0 or against, red %+.3g for %s\n", r.Faithfulness.GradCAM[r.Class].Map.Legend().Limit, r.Class)
	return nil
}

// writeFaithfulness says what came of the test of the weights for a class.
func writeFaithfulness(w io.Writer, class model.Class, tested *explain.Faithfulness, kind lime.RegionKind) {
	for _, sentence := range tested.Sentences(class, kind) {
		fmt.Fprintln(w, " ", sentence)
	}
	c := &tested.Classes[class]
	fmt.Fprintf(w, "  area under the probability of %s: hidden by weight %.3f, shown by weight %.3f, in random order %.3f ± %.3f\n",
		class, c.Deletion.Area, c.Insertion.Area, c.Random.Area, c.Random.StandardError)
}

// writeRegions lists regions with their weights and, where second is not nil,
// the second opinion on them.
func writeRegions(w io.Writer, class model.Class, regions []lime.Region, second *evidence.SecondOpinion) {
	for i, r := range regions {
		fmt.Fprintf(w, "%3d. weight %+.4f, ", i+1, r.Weight)
		if second != nil {
			c := &second.Shapley.Classes[class]
			fmt.Fprintf(w, "Shapley value %+.4f ± %.4f, ", c.Values[r.Superpixel], c.StandardErrors[r.Superpixel])
		}
		fmt.Fprintf(w, "%4.1f %% of the picture, around (%d, %d)\n", 100*r.Share, r.X, r.Y)
	}
	if second == nil {
		return
	}
	c, a := &second.Shapley.Classes[class], second.Agreement[class]
	fmt.Fprintf(w, "Shapley values: %d permutations, from %.3f with everything hidden to %.3f, standard error at most %.1f %% of the greatest value\n",
		second.Shapley.Settings.Permutations, c.Base, c.Full, 100*c.RelativeError)
	verdict := "agree"
	if !a.Agree {
		verdict = "do not agree"
	}
	fmt.Fprintf(w, "LIME and Shapley values %s: rank correlation %.2f, Jaccard index of the top five %.2f (at least 0.5 each is needed)\n", verdict, a.RankCorrelation, a.Top)
}
