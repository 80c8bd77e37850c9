using FaceCloud.Inference.Onnx;

namespace FaceCloud.Inference.OpenPack;

/// <summary>
/// Makes the networks of the open pack as ONNX files, from weights that two MIT-licensed packages carry (docs/decisions/open-pack.md). The same
/// weights give the same bytes, on every machine.
/// </summary>
/// <param name="files">The weights.</param>
internal sealed class OpenPackNetworks(OpenPackFiles files)
{
    private const int DescriptionSide = 224;

    // The wide chip, and where in it the chip of face_recognition lies: CropGeometry.DlibWide.
    private const int WideSide = 194;
    private const int ChipLeft = 22;
    private const int ChipTop = 32;

    // The same chip from nearer: 7 pixels less on each side, enlarged.
    private const int NearMargin = 7;

    // Chosen on LFW: docs/decisions/open-pack.md.
    public const float DescriptionWeight = 0.35f;

    // What faceres was trained with; its own library gives it RGB from 0 to 255, which costs it two points of a hundred.
    private static readonly float[] MeanBgr = [103.939f, 116.779f, 123.68f];
    private static readonly int[] Images = [0];

    /// <summary>The file of a network by its name in the registry.</summary>
    /// <exception cref="IOException">The weights are not there.</exception>
    /// <exception cref="InvalidDataException">They are not as they should be.</exception>
    public byte[] Make(string name) => name switch
    {
        "ssd_mobilenetv1" => SsdMobilenet(),
        "face_landmark_68" => Landmarks(),
        "open_512" => Recogniser(FusionBasis.Embedded),
        "age_gender" => AgeGender(),
        "antispoof" => Antispoof(),
        "liveness" => Liveness(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    /// <summary>
    /// The recogniser: <c>[unit(face_recognition), 0.35 unit(components of faceres)]</c>, 128 + 384 values, of a wide chip. The first is
    /// the mean of the chip, of the same from nearer, and of their mirror images; the second sees the whole of the wide chip and its mirror image.
    /// </summary>
    public byte[] Recogniser(FusionBasis basis)
    {
        var graph = new OnnxGraph("face", 1, 3, WideSide, WideSide);
        var (descriptor, description) = BothDescriptors(graph);
        var centred = graph.Unit(graph.Node("Sub", [description, graph.Floats(basis.Mean, 1, basis.Mean.Length)]));
        var components = graph.Unit(graph.Node("MatMul", [centred, graph.Floats(basis.ByInput(), basis.Mean.Length, FusionBasis.Components)]));
        var weighted = graph.Node("Mul", [components, graph.Floats([DescriptionWeight], 1)]);
        graph.Output(graph.Node("Concat", [descriptor, weighted], ("axis", 1)), "embedding", 1, FusionBasis.DescriptorLength + FusionBasis.Components);
        return graph.ToFile("open_512");
    }

    /// <summary>The unit vectors the recogniser is made of, 128 and 1024 values; the basis is computed of the second.</summary>
    public byte[] Descriptors()
    {
        var graph = new OnnxGraph("face", 1, 3, WideSide, WideSide);
        var (descriptor, description) = BothDescriptors(graph);
        graph.Output(descriptor, "descriptor", 1, FusionBasis.DescriptorLength);
        graph.Output(description, "description", 1, FusionBasis.DescriptionLength);
        return graph.ToFile("descriptors");
    }

    public byte[] SsdMobilenet()
    {
        var graph = new OnnxGraph("image", 1, 3, "height", "width");
        FaceApiNetworks.SsdMobilenet(graph, files.FaceApi("ssd_mobilenetv1"));
        return graph.ToFile("ssd_mobilenetv1");
    }

    public byte[] Landmarks()
    {
        var graph = new OnnxGraph("face", 1, 3, 112, 112);
        graph.Output(FaceApiNetworks.Landmarks(graph, files.FaceApi("face_landmark_68"), graph.Input), "points", 1, 136);
        return graph.ToFile("face_landmark_68");
    }

    public byte[] Descriptor()
    {
        var graph = new OnnxGraph("face", 1, 3, FaceApiNetworks.ChipSide, FaceApiNetworks.ChipSide);
        graph.Output(FaceApiNetworks.Descriptor(graph, files.FaceApi("face_recognition"), graph.Input), "descriptor", 1, 128);
        return graph.ToFile("face_recognition");
    }

    public byte[] AgeGender()
    {
        var graph = new OnnxGraph("face", 1, 3, 112, 112);
        var (age, gender) = FaceApiNetworks.AgeGender(graph, files.FaceApi("age_gender"), graph.Input);
        graph.Output(age, "age", 1, 1);
        graph.Output(gender, "gender", 1, 2);
        return graph.ToFile("age_gender");
    }

    public byte[] Description()
    {
        var graph = new OnnxGraph("face", 1, 3, DescriptionSide, DescriptionSide);
        var values = Human(graph, "faceres", graph.Input, "global_pooling/Mean", "gender_pred/Sigmoid", "age_pred/Softmax");
        graph.Output(values[0], "descriptor", 1, 1024);
        graph.Output(values[1], "gender", 1, 1);
        graph.Output(values[2], "age", 1, 100);
        return graph.ToFile("faceres");
    }

    public byte[] Antispoof()
    {
        var graph = new OnnxGraph("face", 1, 3, 128, 128);
        graph.Output(Human(graph, "antispoof", graph.Input, "Identity")[0], "real", 1, 1);
        return graph.ToFile("antispoof");
    }

    public byte[] Liveness()
    {
        var graph = new OnnxGraph("face", 1, 3, 32, 32);
        graph.Output(Human(graph, "liveness", graph.Input, "Identity")[0], "live", 1, 2);
        return graph.ToFile("liveness");
    }

    private (string Descriptor, string Description) BothDescriptors(OnnxGraph graph)
    {
        var chip = Window(graph.Input, ChipTop, ChipLeft, FaceApiNetworks.ChipSide);
        var near = Enlarged(Window(chip, NearMargin, NearMargin, FaceApiNetworks.ChipSide - (2 * NearMargin)), FaceApiNetworks.ChipSide);
        var chips = WithMirrorImages(graph.Node("Concat", [chip, near], ("axis", 0)));
        var descriptor = UnitMean(FaceApiNetworks.Descriptor(graph, files.FaceApi("face_recognition"), chips));

        var bgr = graph.Node("Gather", [Enlarged(graph.Input, DescriptionSide), graph.Integers(2, 1, 0)], ("axis", 1));
        var faces = WithMirrorImages(graph.Normalise(bgr, MeanBgr));
        return (descriptor, UnitMean(Human(graph, "faceres", faces, "global_pooling/Mean")[0]));

        string Window(string image, int top, int left, int side) =>
            graph.Node("Slice", [image, graph.Integers(top, left), graph.Integers(top + side, left + side), graph.Integers(2, 3)]);

        string Enlarged(string image, int side) => graph.Node(
            "Resize", [image, "", "", graph.Integers(1, 3, side, side)], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"));

        string WithMirrorImages(string images) => graph.Node(
            "Concat",
            [images, graph.Node("Slice", [images, graph.Integers(-1), graph.Integers(long.MinValue), graph.Integers(3), graph.Integers(-1)])],
            ("axis", 0));

        string UnitMean(string vectors) => graph.Unit(graph.Node("ReduceMean", [vectors], ("axes", Images), ("keepdims", 1)));
    }

    private string[] Human(OnnxGraph graph, string network, string input, params string[] outputs)
    {
        var (model, weights) = files.Human(network);
        using (model)
        {
            return GraphModel.Write(graph, model.RootElement, weights, input, outputs);
        }
    }
}
