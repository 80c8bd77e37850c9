using System.Numerics.Tensors;
using FaceCloud.Contracts.Faces;
using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

/// <summary>Faces that no network has seen: unit vectors of people drawn by chance, the photos of one scattered around a middle of its own.</summary>
internal static class Synthetic
{
    public const int Dimension = 32;

    public static LabelledFaces People(int people, int photos, double scatter = 0.15, int seed = 1)
    {
        var random = new Random(seed);
        var faces = new List<LabelledFace>();
        for (var person = 0; person < people; person++)
        {
            var middle = Unit(random, Dimension, null, 1);
            for (var photo = 0; photo < photos; photo++)
            {
                faces.Add(Face($"person {person:D4}", $"{photo}.jpg", Unit(random, Dimension, middle, scatter)));
            }
        }

        return Labelled([.. faces]);
    }

    public static LabelledFaces Labelled(params LabelledFace[] faces) =>
        new(new Recogniser("synthetic", faces[0].Vector.Length, new Calibration(0.3, 14), "none", "0"), faces, [], []);

    public static LabelledFace Face(string person, string file, params float[] vector)
    {
        var unit = vector.ToArray();
        TensorPrimitives.Divide(unit, TensorPrimitives.Norm<float>(unit), unit);
        return new LabelledFace(new LabelledPhoto(person, $"{person}/{file}"), unit, default);
    }

    /// <summary>Cosines of all pairs, one by one.</summary>
    public static (List<float> Genuine, List<float> Impostor) Cosines(LabelledFaces labelled)
    {
        var (genuine, impostor) = (new List<float>(), new List<float>());
        for (var a = 0; a < labelled.Faces.Count; a++)
        {
            for (var b = a + 1; b < labelled.Faces.Count; b++)
            {
                var (first, second) = (labelled.Faces[a], labelled.Faces[b]);
                (first.Photo.Person == second.Photo.Person ? genuine : impostor).Add(TensorPrimitives.Dot<float>(first.Vector, second.Vector));
            }
        }

        return (genuine, impostor);
    }

    private static float[] Unit(Random random, int dimension, float[]? around, double scatter)
    {
        var vector = new float[dimension];
        for (var i = 0; i < dimension; i++)
        {
            var gauss = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            vector[i] = (float)((around?[i] ?? 0) + (scatter * gauss));
        }

        return Face("", "", vector).Vector;
    }
}
