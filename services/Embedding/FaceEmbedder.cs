using System.Numerics.Tensors;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Imaging;
using FaceCloud.Inference;

namespace FaceCloud.Embedding;

/// <summary>The recogniser: aligned crops of 112 x 112 pixels become unit vectors.</summary>
internal sealed class FaceEmbedder(ModelStore models) : IFaceEmbedder, IDisposable
{
    private readonly Lazy<Network> _network = new(() => models.Load(ModelRole.Recogniser));

    public Network Network => _network.Value;

    public void WarmUp() => Network.WarmUp(1, 3, FaceCrop.Side, FaceCrop.Side);

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
        var input = Network.Description.Input;
        Span<float> planes = new float[FaceCrop.Bytes];
        PlanarTensor.Pack(
            crop.Rgb.Span, FaceCrop.Side, FaceCrop.Side, planes, new PlanarFormat(input.Mean, 1 / input.Std, input.Channels == ChannelOrder.Bgr));
        using var outputs = Network.Session.Run(planes, 1, 3, FaceCrop.Side, FaceCrop.Side);
        var vector = outputs[0].ToArray();
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return new FaceEmbedding(vector);
    }
}
