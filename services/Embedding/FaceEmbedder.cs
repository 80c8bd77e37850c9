using System.Numerics.Tensors;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Imaging;
using FaceCloud.Inference;

namespace FaceCloud.Embedding;

/// <summary>The recogniser: aligned crops become unit vectors.</summary>
internal sealed class FaceEmbedder(ModelStore models) : IFaceEmbedder, IDisposable
{
    private readonly Lazy<Network> _network = new(() => models.Load(ModelRole.Recogniser));

    public Network Network => _network.Value;

    private CropShape Shape => Network.Description.Crop!.Value;

    public void WarmUp() => Network.WarmUp(1, 3, Shape.Side, Shape.Side);

    public async Task<Embeddings> EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken)
    {
        var faces = new FaceEmbedding[crops.Count];
        await Network.Queue.RunAsync(
            permit =>
            {
                // One face a run: a batch costs as much per face on a processor, and more memory.
                permit.ForEach(crops.Count, i => faces[i] = Embed(crops[i]));
                return faces;
            },
            cancellationToken);
        EmbeddingMetrics.Faces.Add(faces.Length);
        return new Embeddings(Network.Description.ToRecogniser(), faces);
    }

    public void Dispose()
    {
        if (_network.IsValueCreated)
        {
            _network.Value.Dispose();
        }
    }

    private FaceEmbedding Embed(FaceCrop crop)
    {
        var (input, side) = (Network.Description.Input, Shape.Side);
        Span<float> planes = new float[Shape.Bytes];
        PlanarTensor.Pack(Pixels(crop).Span, side, side, planes, new PlanarFormat(input.Mean, 1 / input.Std, input.Channels == ChannelOrder.Bgr));
        using var outputs = Network.Session.Run(planes, 1, 3, side, side);
        var vector = outputs[0].ToArray();
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return new FaceEmbedding(vector);
    }

    private ReadOnlyMemory<byte> Pixels(FaceCrop crop) =>
        Shape == CropShape.ArcFace ? crop.Rgb
        : crop.Chip is { } chip && chip.Shape == Shape ? chip.Rgb
        : throw new FailureException(
            Failure.Unavailable,
            $"The detection service cuts faces out for another recogniser than {Network.Description.Name}: "
            + $"give both services the same settings of {ModelOptions.Section}.");
}
