using FaceCloud.Testing;

namespace FaceCloud.Inference.Tests;

public sealed class InferenceSessionTests
{
    [Theory]
    [InlineData("det_500m.onnx", 9, 1, 3, -1, -1)]
    [InlineData("scrfd_2.5g_bnkps.onnx", 9, 1, 3, -1, -1)]
    [InlineData("face_detection_yunet_2023mar.onnx", 12, 1, 3, 640, 640)]
    [InlineData("yunet_n_dynamic.onnx", 12, -1, 3, -1, -1)]
    [InlineData("w600k_mbf.onnx", 1, -1, 3, 112, 112)]
    [InlineData("genderage_v1.onnx", 1, 1, 3, 112, 112)]
    public void Every_network_loads_and_reports_its_geometry(string file, int outputs, params int[] input)
    {
        using var session = Load(file);

        Assert.Equal(input.Select(dimension => (long)dimension), session.Input.Dimensions);
        Assert.Equal(outputs, session.Outputs.Count);
        Assert.All(session.Outputs, output => Assert.Equal("float32", output.ElementType));
        Assert.Equal(InferenceProvider.Cpu, session.Provider);
    }

    [Fact]
    public void Outputs_come_with_the_shape_they_have_in_this_run()
    {
        using var session = Load("det_500m.onnx");
        using var result = session.Run(new float[3 * 64 * 96], 1, 3, 64, 96);

        Assert.Equal(9, result.Count);
        Assert.Equal([8 * 12 * 2, 1], result.Shape(0).ToArray().TakeLast(2)); // stride 8, two anchors a cell, one score each
        Assert.Equal(8 * 12 * 2, result[0].Length);
    }

    [Fact]
    public void The_same_face_has_the_same_embedding_every_time()
    {
        using var session = Load("w600k_mbf.onnx");
        var crop = Crop(seed: 1);

        var first = Embed(session, crop);

        Assert.Equal(512, first.Length);
        Assert.Equal(first, Embed(session, crop));
        Assert.NotEqual(first, Embed(session, Crop(seed: 2)));
    }

    [Fact]
    public async Task Sixty_four_runs_at_once_equal_runs_one_after_another()
    {
        using var session = Load("w600k_mbf.onnx");
        var crops = Enumerable.Range(0, 64).Select(Crop).ToArray();
        var expected = crops.Select(crop => Embed(session, crop)).ToArray();

        var actual = await Task.WhenAll(crops.Select(crop => Task.Run(() => Embed(session, crop))));

        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData(1, 3, 112, 96)] // another width
    [InlineData(1, 1, 112, 112)] // grey
    [InlineData(1, 112, 112, 3)] // interleaved
    public void An_input_of_another_shape_is_refused(params int[] shape)
    {
        using var session = Load("w600k_mbf.onnx");
        var input = new float[shape.Aggregate(1, (product, dimension) => product * dimension)];

        Assert.Throws<OnnxRuntimeException>(() => session.Run(input, [.. shape.Select(dimension => (long)dimension)]).Dispose());
    }

    [Fact]
    public void An_input_of_another_rank_is_refused()
    {
        using var session = Load("w600k_mbf.onnx");

        Assert.Throws<OnnxRuntimeException>(() => session.Run(new float[3 * 112 * 112], 3, 112, 112).Dispose());
    }

    [Theory]
    [InlineData(1, 3, 112, 113)]
    [InlineData(1, 3, 112, 111)]
    [InlineData(0, 3, 112, 112)]
    [InlineData(-1, 3, 112, -112)]
    [InlineData(long.MaxValue, long.MaxValue, 2, 1)]
    public void A_shape_that_does_not_hold_the_input_is_refused_before_any_memory_is_read(long n, long channels, long height, long width)
    {
        using var session = Load("w600k_mbf.onnx");

        Assert.Throws<ArgumentException>(() => session.Run(new float[3 * 112 * 112], n, channels, height, width).Dispose());
    }

    [Fact]
    public void A_file_that_is_no_network_is_refused()
    {
        var junk = new byte[100_000];
        new Random(1).NextBytes(junk);

        Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Load(junk));
        Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Load([]));
        Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Load("PK this is a zip"u8));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(200_000)]
    public void A_network_cut_off_is_refused(int length)
    {
        var whole = File.ReadAllBytes(Path.Combine(TestFiles.Models, "face_detection_yunet_2023mar.onnx"));

        Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Load(whole.AsSpan(0, length)));
    }

    [Fact]
    public void A_gpu_that_is_not_there_is_said_to_be_missing_and_nothing_runs_instead()
    {
        Assert.SkipWhen(Directory.Exists(Path.Combine(FaceCloud.Native.NativeAssets.Folder, "onnxruntime-gpu")), "This is a build for CUDA.");
        var model = File.ReadAllBytes(Path.Combine(TestFiles.Models, "face_detection_yunet_2023mar.onnx"));

        var exception = Assert.Throws<ModelUnavailableException>(() => InferenceSession.Load(model, InferenceProvider.Cuda));

        Assert.StartsWith("Models:Provider=cuda is not available here: Failed to load library", exception.Message, StringComparison.Ordinal);
        Assert.Contains("-p:OnnxRuntime=gpu", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Models:Provider=cpu", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_cannot_be_read_after_they_were_given_back()
    {
        using var session = Load("w600k_mbf.onnx");
        var result = session.Run(Crop(seed: 1), 1, 3, 112, 112);
        result.Dispose();

        Assert.Throws<ObjectDisposedException>(() => result[0].Length);
    }

    [Fact]
    public void A_session_that_was_disposed_refuses_to_run()
    {
        var session = Load("w600k_mbf.onnx");
        session.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Embed(session, Crop(seed: 1)));
    }

    private static InferenceSession Load(string file) => InferenceSession.Load(File.ReadAllBytes(Path.Combine(TestFiles.Models, file)));

    private static float[] Embed(InferenceSession session, float[] crop)
    {
        using var result = session.Run(crop, 1, 3, 112, 112);
        return result[0].ToArray();
    }

    private static float[] Crop(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 3 * 112 * 112).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
