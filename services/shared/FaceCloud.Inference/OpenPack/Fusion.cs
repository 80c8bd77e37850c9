using System.Numerics.Tensors;
using FaceCloud.Contracts.Faces;

namespace FaceCloud.Inference.OpenPack;

/// <summary>What <c>facecloud models fuse</c> needs of the open recogniser: its parts before they are joined, and the joining.</summary>
public sealed class Fusion : IDisposable
{
    private readonly InferenceSession _session = InferenceSession.Load(new OpenPackNetworks(OpenPackFiles.Default).Descriptors());

    /// <summary>Both descriptors of a face.</summary>
    /// <param name="chip">Cut out as the recogniser's entry in the registry says.</param>
    public FusedFace Describe(FaceChip chip)
    {
        var plane = chip.Shape.Side * chip.Shape.Side;
        var planes = new float[3 * plane];
        for (var i = 0; i < planes.Length; i++)
        {
            planes[i] = chip.Rgb.Span[(i % plane * 3) + (i / plane)];
        }

        using var outputs = _session.Run(planes, 1, 3, chip.Shape.Side, chip.Shape.Side);
        return new FusedFace(outputs[0].ToArray(), outputs[1].ToArray());
    }

    /// <summary>The basis of some faces, as it is kept in <c>open_512.basis</c>.</summary>
    public static byte[] Basis(IReadOnlyList<FusedFace> faces) => FusionBasis.Of([.. faces.Select(face => face.Description)]).ToBytes();

    /// <summary>The vector of a face, of length 1, as the recogniser would give it.</summary>
    public static float[] Fuse(FusedFace face, byte[] basis)
    {
        var fused = (float[])[
            .. face.Descriptor,
            .. FusionBasis.Read(basis).Apply(face.Description).Select(value => OpenPackNetworks.DescriptionWeight * value)];
        TensorPrimitives.Divide(fused, TensorPrimitives.Norm<float>(fused), fused);
        return fused;
    }

    /// <summary>Releases the network.</summary>
    public void Dispose() => _session.Dispose();
}

/// <param name="Descriptor">Of face_recognition: 128 values, length 1.</param>
/// <param name="Description">Of faceres: 1024 values, length 1.</param>
public sealed record FusedFace(float[] Descriptor, float[] Description)
{
    /// <summary>Length of the joined vector.</summary>
    public const int Dimension = FusionBasis.DescriptorLength + FusionBasis.Components;
}
