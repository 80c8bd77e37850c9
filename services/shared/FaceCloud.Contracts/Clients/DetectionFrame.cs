using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>
/// A detection between services: the files of its portraits and then its crops, where there are any, are the payload. (The request is a frame of
/// <see cref="DetectionRequest"/> and the file.)
/// </summary>
public static class DetectionFrame
{
    public static Frame<Detection> Of(Detection detection)
    {
        var crops = CropPayload.Pack([.. detection.Faces.Select(face => face.Crop).OfType<FaceCrop>()]);
        var portraits = PortraitPayload.Pack([.. detection.Faces.Select(face => face.Portrait).OfType<FacePortrait>()]);
        var faces = detection.Faces.Select(face => face with { Crop = null, Portrait = face.Portrait is null ? null : face.Portrait with { Jpeg = default } });
        return new(detection with { Faces = [.. faces] }, portraits.Length == 0 ? crops : [.. portraits, .. crops]);
    }

    /// <exception cref="DamagedFrameException">Not all the portraits that the metadata speaks of, or not one crop for each face.</exception>
    public static Detection Read(Frame<Detection> frame)
    {
        var (faces, payload) = (frame.Metadata.Faces.ToArray(), frame.Payload);
        if (payload.IsEmpty)
        {
            return frame.Metadata;
        }

        var withPortrait = Enumerable.Range(0, faces.Length).Where(i => faces[i].Portrait is not null).ToArray();
        var (files, rest) = PortraitPayload.Unpack(payload, withPortrait.Length);
        foreach (var (i, file) in withPortrait.Zip(files))
        {
            faces[i] = faces[i] with { Portrait = faces[i].Portrait! with { Jpeg = file } };
        }

        if (!rest.IsEmpty)
        {
            var crops = CropPayload.Unpack(rest, faces.Length);
            faces = [.. faces.Zip(crops, (face, crop) => face with { Crop = crop })];
        }

        return frame.Metadata with { Faces = faces };
    }
}
