using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;

namespace FaceCloud.Identity.Quality;

/// <summary>
/// Where a page of a filter ended: the last face's id, so that faces which come and go meanwhile neither repeat others nor hide them, and a checksum of
/// it with what was asked by whom. It is no secret and gives no right: one made up by somebody who knows how begins elsewhere among their own faces.
/// </summary>
internal static class FilterCursor
{
    private const int IdBytes = sizeof(long);
    private const int Bytes = IdBytes + 8;

    /// <summary>What a cursor is for.</summary>
    public static byte[] Criteria(string gallery, Caller caller, FilterFaces.Request request) =>
        JsonSerializer.SerializeToUtf8Bytes((object[])[gallery, caller, request]);

    public static string Write(long lastId, byte[] criteria)
    {
        Span<byte> cursor = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(cursor, lastId);
        SHA256.HashData([.. cursor[..IdBytes], .. criteria]).AsSpan(0, Bytes - IdBytes).CopyTo(cursor[IdBytes..]);
        return Base64Url.EncodeToString(cursor);
    }

    /// <returns>The last face's id.</returns>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: none of ours, or of another question.</exception>
    public static long Read(string cursor, byte[] criteria)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        if (cursor.Length == Base64Url.GetEncodedLength(Bytes) && Base64Url.IsValid(cursor, out _) && Base64Url.TryDecodeFromChars(cursor, bytes, out _))
        {
            var id = BinaryPrimitives.ReadInt64BigEndian(bytes);
            if (Write(id, criteria) == cursor)
            {
                return id;
            }
        }

        throw new FailureException(Failure.Malformed, "The cursor is not one of this filter; leave it out to begin anew.");
    }
}
