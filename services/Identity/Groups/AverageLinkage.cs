using System.Numerics.Tensors;

namespace FaceCloud.Identity.Groups;

/// <summary>
/// Agglomeration of faces into people: the two groups whose mean cosine is farthest above what they need are joined, until none reaches it. Means
/// are over all pairs of faces of both (UPGMA), so one chance likeness does not join two people. Ties go to the earlier faces: the result depends
/// on the faces alone.
/// </summary>
internal static class AverageLinkage
{
    /// <param name="vectors">Unit vectors.</param>
    /// <param name="threshold">The cosine from which two single faces are joined.</param>
    /// <returns>For each face the first face of its group.</returns>
    public static int[] Group(IReadOnlyList<float[]> vectors, float threshold)
    {
        var state = new State(vectors, threshold);
        while (state.JoinBest())
        {
        }

        return state.First;
    }

    /// <summary>Mean cosine of the pairs; 1 for a single face.</summary>
    public static float Cohesion(IReadOnlyCollection<float[]> vectors)
    {
        if (vectors.Count < 2)
        {
            return 1;
        }

        // The sum over all pairs is in the square of the sum of the vectors.
        var sum = new float[vectors.First().Length];
        foreach (var vector in vectors)
        {
            TensorPrimitives.Add(sum, vector, sum);
        }

        double n = vectors.Count;
        return (float)((TensorPrimitives.SumOfSquares<float>(sum) - n) / (n * (n - 1)));
    }

    private sealed class State
    {
        private readonly int _count;
        private readonly float _threshold;
        private readonly float[] _means;
        private readonly int[] _faces;
        private readonly float[] _relief;
        private readonly bool[] _gone;
        private readonly int[] _best;

        public State(IReadOnlyList<float[]> vectors, float threshold)
        {
            _count = vectors.Count;
            _threshold = threshold;
            _means = new float[_count * _count];
            First = [.. Enumerable.Range(0, _count)];
            _faces = [.. Enumerable.Repeat(1, _count)];
            _relief = [.. Enumerable.Repeat(1f, _count)];
            _gone = new bool[_count];
            _best = new int[_count];
            for (var a = 0; a < _count; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    Mean(a, b) = Mean(b, a) = TensorPrimitives.Dot<float>(vectors[a], vectors[b]);
                }
            }

            for (var a = 0; a < _count; a++)
            {
                _best[a] = BestOf(a);
            }
        }

        public int[] First { get; }

        public bool JoinBest()
        {
            var (joined, excess) = (-1, 0f);
            for (var a = 0; a < _count; a++)
            {
                if (!_gone[a] && _best[a] >= 0 && Excess(a, _best[a]) is var own && (joined < 0 ? own >= 0 : own > excess))
                {
                    (joined, excess) = (a, own);
                }
            }

            if (joined < 0)
            {
                return false;
            }

            Join(Math.Min(joined, _best[joined]), Math.Max(joined, _best[joined]));
            return true;
        }

        private void Join(int a, int b)
        {
            var all = _faces[a] + _faces[b];
            for (var c = 0; c < _count; c++)
            {
                if (!_gone[c] && c != a && c != b)
                {
                    Mean(a, c) = Mean(c, a) = ((Mean(a, c) * _faces[a]) + (Mean(b, c) * _faces[b])) / all;
                }

                if (First[c] == b)
                {
                    First[c] = a;
                }
            }

            _gone[b] = true;
            _faces[a] = all;
            _relief[a] = GroupThreshold.Relief(all);
            for (var c = 0; c < _count; c++)
            {
                if (_gone[c])
                {
                    continue;
                }

                if (c == a || _best[c] == a || _best[c] == b)
                {
                    _best[c] = BestOf(c);
                }
                else if (_best[c] < 0 || IsBetter(c, a, _best[c]))
                {
                    _best[c] = a;
                }
            }
        }

        private int BestOf(int a)
        {
            var best = -1;
            for (var b = 0; b < _count; b++)
            {
                if (b != a && !_gone[b] && (best < 0 || IsBetter(a, b, best)))
                {
                    best = b;
                }
            }

            return best;
        }

        private bool IsBetter(int a, int b, int than) => Excess(a, b) is var own && Excess(a, than) is var other && (own > other || (own == other && b < than));

        private float Excess(int a, int b) => Mean(a, b) - (_threshold * _relief[a] * _relief[b]);

        private ref float Mean(int a, int b) => ref _means[(a * _count) + b];
    }
}
