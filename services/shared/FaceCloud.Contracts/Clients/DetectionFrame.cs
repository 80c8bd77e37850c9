using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>A detection between services: its crops, where there are any, are the payload. (The request is a frame of <see cref="DetectionRequest"/> and the file.)</summary>
public static class DetectionFrame
{
    public static Frame<Detection> Of(Detection detection)
    {
        var crops = detection.Faces.Select(face => face.Crop).OfType<Faces.FaceCrop>().ToArray();
        return new(detection with { Faces = [.. detection.Faces.Select(face => face with { Crop = null })] }, CropPayload.Pack(crops));
    }

    /// <exception cref="DamagedFrameException">Not one crop for each face.</exception>
    public static Detection Read(Frame<Detection> frame)
    {
        var (detection, payload) = (frame.Metadata, frame.Payload);
        if (payload.IsEmpty)
        {
            return detection;
        }

        var crops = CropPayload.Unpack(payload, detection.Faces.Count);
        return detection with { Faces = [.. detection.Faces.Select((face, i) => face with { Crop = crops[i] })] };
    }
}
