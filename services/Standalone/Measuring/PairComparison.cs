using System.Numerics.Tensors;

namespace FaceCloud.Standalone.Measuring;

/// <summary>Every photo compared with every other.</summary>
/// <param name="Genuine">Cosines of pairs of one person.</param>
/// <param name="Impostor">Cosines of pairs of different people.</param>
/// <param name="HighestImpostors">The highest of them, highest first: lookalikes, or photos in the wrong folder.</param>
internal sealed record PairComparison(CosineHistogram Genuine, CosineHistogram Impostor, IReadOnlyList<FacePair> HighestImpostors)
{
    private const int HighestKept = 5;

    // Two blocks of 64 vectors of 512 floats are 256 KB and stay in a core's own cache while they are compared.
    private const int Block = 64;

    public static PairComparison Of(LabelledFaces labelled, CancellationToken cancellationToken = default)
    {
        var faces = labelled.Faces;
        var vectors = faces.Select(face => face.Vector).ToArray();
        var numbers = labelled.ByPerson.Select((person, number) => (person.Key, number)).ToDictionary();
        var people = faces.Select(face => numbers[face.Photo.Person]).ToArray();

        var total = new Part();
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, (faces.Count + Block - 1) / Block, options, () => new Part(), CompareRows, part =>
        {
            lock (total)
            {
                total.Add(part);
            }
        });
        return new PairComparison(
            total.Genuine, total.Impostor, [.. total.Highest.Select(pair => new FacePair(faces[pair.A], faces[pair.B], pair.Cosine))]);

        Part CompareRows(int row, ParallelLoopState loop, Part part)
        {
            for (var column = row; column * Block < vectors.Length && !cancellationToken.IsCancellationRequested; column++)
            {
                for (var a = row * Block; a < Math.Min(vectors.Length, (row + 1) * Block); a++)
                {
                    for (var b = Math.Max(a + 1, column * Block); b < Math.Min(vectors.Length, (column + 1) * Block); b++)
                    {
                        part.Add(a, b, people[a] == people[b], TensorPrimitives.Dot<float>(vectors[a], vectors[b]));
                    }
                }
            }

            return part;
        }
    }

    /// <summary>What one thread has compared.</summary>
    private sealed class Part
    {
        // Ties in a fixed order, so that the result does not depend on which thread came first.
        private readonly SortedSet<(float Cosine, int A, int B)> _highest = [];

        private float _floor = float.NegativeInfinity;

        public CosineHistogram Genuine { get; } = new();

        public CosineHistogram Impostor { get; } = new();

        public IEnumerable<(float Cosine, int A, int B)> Highest => _highest.Reverse();

        public void Add(int a, int b, bool same, float cosine)
        {
            if (same)
            {
                Genuine.Add(cosine);
                return;
            }

            Impostor.Add(cosine);
            if (cosine >= _floor)
            {
                Keep((cosine, a, b));
            }
        }

        public void Add(Part other)
        {
            Genuine.Add(other.Genuine);
            Impostor.Add(other.Impostor);
            foreach (var pair in other._highest)
            {
                Keep(pair);
            }
        }

        private void Keep((float Cosine, int A, int B) pair)
        {
            _highest.Add(pair);
            if (_highest.Count > HighestKept)
            {
                _highest.Remove(_highest.Min);
                _floor = _highest.Min.Cosine;
            }
        }
    }
}

/// <summary>Two photos of different people and how alike the recogniser finds them.</summary>
internal sealed record FacePair(LabelledFace A, LabelledFace B, float Cosine);
