namespace FaceCloud.Contracts.Faces;

/// <summary>What was measured on a face, and what explains it.</summary>
/// <param name="BlurScore">0 (blurred) to 1 (sharp).</param>
/// <param name="BrightnessScore">Mean luminance, 0 (black) to 1 (white).</param>
/// <param name="ExposureScore">The part of the face that is neither crushed to black nor burnt out, 0 to 1.</param>
/// <param name="Confidence">The detector's score, 0 to 1.</param>
/// <param name="FaceSize">Height of the face's box in pixels of its image.</param>
/// <param name="Pose">Null where the landmarks show none.</param>
/// <param name="Occlusion">What looks covered.</param>
public sealed record FaceAssessment(
    float BlurScore, float BrightnessScore, float ExposureScore, float Confidence, float FaceSize, FacePose? Pose, Occlusion Occlusion);

/// <summary>Parts of a face that look covered: a hint, not a finding.</summary>
[Flags]
public enum Occlusion
{
    /// <summary>Nothing is seen that covers it, or the face is too small to tell.</summary>
    None = 0,

    /// <summary>Both eyes, as by dark glasses.</summary>
    Eyes = 1,

    /// <summary>Mouth and chin, as by a mask.</summary>
    Mouth = 2,
}

/// <summary>Where a head is turned, in degrees; 0 is that of the average face looking into the camera.</summary>
/// <param name="Yaw">Positive: towards the right of the image.</param>
/// <param name="Pitch">Positive: up.</param>
/// <param name="Roll">Positive: tilted clockwise, as the viewer sees it.</param>
public sealed record FacePose(float Yaw, float Pitch, float Roll);
