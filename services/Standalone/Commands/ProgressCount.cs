using System.Diagnostics;
using System.Globalization;

namespace FaceCloud.Standalone.Commands;

/// <summary>How much of a long work is done, how fast it goes and how long it will take. Any thread may count.</summary>
/// <param name="unit">What is counted: <c>photos</c>, <c>MB</c>.</param>
/// <param name="size">How many of what is counted are one of the unit.</param>
internal sealed class ProgressCount(string unit, double size = 1)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly string _format = size == 1 ? "0" : "0.0";
    private long _done;
    private long _skipped;
    private long _total;

    /// <summary>Called after each change.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>0 while it is not known.</summary>
    public long Total
    {
        get => Interlocked.Read(ref _total);
        set => Interlocked.Exchange(ref _total, value);
    }

    /// <summary>0 to 1.</summary>
    public double Share => Total == 0 ? 0 : Math.Min(1, (double)Interlocked.Read(ref _done) / Total);

    /// <summary>As in <c>300 of 1259 photos, 41.5 photos/s, 23 s left</c>.</summary>
    public string Text
    {
        get
        {
            var (done, total) = (Interlocked.Read(ref _done), Total);
            var text = total == 0 ? $"{Number(done)} {unit}" : $"{Number(done)} of {Number(total)} {unit}";
            var rate = (done - Interlocked.Read(ref _skipped)) / Stopwatch.GetElapsedTime(_started).TotalSeconds;
            if (rate > 0)
            {
                text += string.Create(CultureInfo.InvariantCulture, $", {rate / size:0.0} {unit}/s");
                text += total > done ? $", {Time((total - done) / rate)} left" : "";
            }

            return text;
        }
    }

    public void Advance(long by = 1)
    {
        Interlocked.Add(ref _done, by);
        Changed();
    }

    /// <summary>Counts what was done before, which says nothing about how fast the rest will go.</summary>
    public void Skip(long by = 1)
    {
        Interlocked.Add(ref _skipped, by);
        Advance(by);
    }

    private static string Time(double seconds) => seconds switch
    {
        < 100 => $"{Math.Ceiling(seconds)} s",
        < 100 * 60 => $"{Math.Ceiling(seconds / 60)} min",
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h"),
    };

    private string Number(long count) => (count / size).ToString(_format, CultureInfo.InvariantCulture);
}
