using FaceCloud.Imaging;
using FaceCloud.Inference;

namespace FaceCloud.Detection.Networks;

/// <summary>Runs a network that looks at one face.</summary>
internal static class FaceInput
{
    /// <param name="network">Takes [1, 3, side, side].</param>
    /// <param name="rgb">Pixels of the face, cut out as its entry says.</param>
    /// <param name="side">Of the square.</param>
    public static InferenceResult Run(Network network, ReadOnlySpan<byte> rgb, int side)
    {
        var input = network.Description.Input;
        Span<float> planes = new float[rgb.Length];
        PlanarTensor.Pack(rgb, side, side, planes, new PlanarFormat(input.Mean, 1 / input.Std, input.Channels == ChannelOrder.Bgr));
        return network.Session.Run(planes, 1, 3, side, side);
    }
}
