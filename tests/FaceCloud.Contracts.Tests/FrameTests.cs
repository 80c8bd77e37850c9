using System.Buffers.Binary;
using FaceCloud.Contracts.Frames;

namespace FaceCloud.Contracts.Tests;

public class FrameTests
{
    private static readonly Frame<Note> Example = new(new Note("Zoë", [1.5f, float.MinValue]), new byte[] { 1, 2, 3 });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_frame_is_read_as_it_was_written()
    {
        var read = Frame.Parse<Note>(Bytes(Example));

        Assert.Equal(Example.Metadata.Text, read.Metadata.Text);
        Assert.Equal(Example.Metadata.Numbers, read.Metadata.Numbers);
        Assert.Equal(Example.Payload.ToArray(), read.Payload.ToArray());
        Assert.True(Frame.Parse<Note>(Bytes(Example with { Payload = default })).Payload.IsEmpty);
    }

    [Fact]
    public void A_frame_has_the_bytes_that_are_documented()
    {
        var bytes = Bytes(new Frame<int>(7, new byte[] { 0xAB }));

        Assert.Equal([.. "FCFR"u8, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, (byte)'7', 0xAB], bytes);
    }

    [Theory]
    [InlineData(0, 0x58585858, "FCFR")] // magic
    [InlineData(4, 2, "version 2")]
    [InlineData(8, 0, "0 bytes of metadata")]
    [InlineData(8, -1, "-1 bytes of metadata")]
    [InlineData(12, -1, "-1 of payload")]
    [InlineData(12, 4, "bytes long")] // one more than there is
    [InlineData(12, 2, "bytes long")] // one less
    [InlineData(12, int.MaxValue, "bytes long")]
    public void A_damaged_header_is_told_in_words(int offset, int value, string words)
    {
        var bytes = Bytes(Example);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), value);

        Assert.Contains(words, Assert.Throws<DamagedFrameException>(() => Frame.Parse<Note>(bytes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"Text":null,"Numbers":[]}""")]
    [InlineData("""{"Text":"x","Numbers":["y"]}""")]
    [InlineData("not JSON")]
    public void Metadata_of_another_kind_is_damage(string json)
    {
        var metadata = System.Text.Encoding.UTF8.GetBytes(json);
        var bytes = new byte[16 + metadata.Length];
        Bytes(new Frame<int>(7)).AsSpan(0, 16).CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), metadata.Length);
        metadata.CopyTo(bytes, 16);

        Assert.Throws<DamagedFrameException>(() => Frame.Parse<Note>(bytes));
    }

    [Fact]
    public void Any_part_and_any_change_of_a_frame_is_read_or_damage_and_nothing_else()
    {
        var whole = Bytes(Example);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<DamagedFrameException>(() => Frame.Parse<Note>(whole.AsMemory(0, length)));
        }

        for (var i = 0; i < whole.Length * 8; i++)
        {
            var changed = whole.ToArray();
            changed[i / 8] ^= (byte)(1 << (i % 8));
            try
            {
                Frame.Parse<Note>(changed);
            }
            catch (DamagedFrameException)
            {
            }
        }
    }

    [Fact]
    public async Task A_sequence_is_read_frame_by_frame()
    {
        byte[] bytes = [.. Bytes(Example), .. Bytes(Example with { Payload = default }), .. Bytes(Example)];

        var lengths = await FrameSequence.ReadAsync<Note>(new MemoryStream(bytes), Cancel).Select(frame => frame.Payload.Length).ToListAsync(Cancel);

        Assert.Equal([3, 0, 3], lengths);
        Assert.Empty(await FrameSequence.ReadAsync<Note>(Stream.Null, Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_sequence_that_ends_within_a_frame_is_damaged()
    {
        var one = Bytes(Example);
        byte[] two = [.. one, .. one];
        for (var length = one.Length + 1; length < two.Length; length++)
        {
            await Assert.ThrowsAsync<DamagedFrameException>(
                async () => await FrameSequence.ReadAsync<Note>(new MemoryStream(two, 0, length), Cancel).LastAsync(Cancel));
        }
    }

    [Fact]
    public async Task A_frame_of_a_sequence_that_says_it_is_huge_is_damaged()
    {
        var bytes = Bytes(Example);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), int.MaxValue);

        await Assert.ThrowsAsync<DamagedFrameException>(
            async () => await FrameSequence.ReadAsync<Note>(new MemoryStream(bytes), Cancel).LastAsync(Cancel));
    }

    private static byte[] Bytes<T>(Frame<T> frame) => [.. frame.Head(), .. frame.Payload.Span];

    private sealed record Note(string Text, float[] Numbers);
}
