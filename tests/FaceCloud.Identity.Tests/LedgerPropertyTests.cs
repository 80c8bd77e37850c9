using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FsCheck;
using FsCheck.Fluent;

namespace FaceCloud.Identity.Tests;

/// <summary>What must hold of the ledger after any decisions. A failing sequence is shrunk, and printed with the seed that finds it again.</summary>
public sealed class LedgerPropertyTests(IdentityDatabase database, ITestOutputHelper output) : IClassFixture<IdentityDatabase>
{
    private static readonly string[] Names = ["Anna", "Ben", "Clara", "David", "Emil"];

    // So that most of what follows finds somebody to be about.
    private static readonly Act[] Begin = [new(Kind.Create, 0, 0, 0), new(Kind.Create, 0, 0, 1), new(Kind.Batch, 0, 0, 1), new(Kind.Batch, 2, 1, 3)];

    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(25).WithStartSize(5).WithEndSize(30);

    public enum Kind
    {
        Create,
        Rename,
        Delete,
        Merge,
        Assign,
        Batch,
        Reassign,
        Remove,
        MarkInvalid,
        MarkUnknown,
        Conclude,
        Approve,
        Reject,
        DeleteFace,
    }

    [Fact]
    public void Undoing_everything_in_reverse_order_restores_the_beginning_and_undoing_that_the_end() =>
        Check.One(Config, Prop.ForAll(Sequences(Kind.Reject), steps => Run(() => UndoAllAsync(steps))));

    [Fact]
    public void Undoing_any_entry_puts_back_exactly_that_or_says_why_not_and_changes_nothing()
    {
        var (undone, refused) = (0, 0);
        Check.One(Config, Prop.ForAll(Sequences(Kind.DeleteFace), steps => Run(async () =>
        {
            var outcome = await UndoAnyAsync(steps);
            (undone, refused) = (undone + outcome.Undone, refused + outcome.Refused);
        })));
        output.WriteLine($"{undone} undone, {refused} refused");
        Assert.True(undone > 0 && refused > 0);
    }

    private static void Run(Func<Task> property) => property().GetAwaiter().GetResult();

    private static Arbitrary<Act[]> Sequences(Kind last)
    {
        var number = Gen.Choose(0, 1000);
        var step =
            from kind in Gen.Choose(0, (int)last)
            from a in number
            from b in number
            from c in number
            select new Act((Kind)kind, a, b, c);
        return Arb.From(
            Gen.ListOf(step).Select(steps => steps.ToArray()),
            steps => Enumerable.Range(0, steps.Length).Select(left => steps.Where((_, i) => i != left).ToArray()));
    }

    private async Task UndoAllAsync(Act[] steps)
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(6);
        var beginning = await gallery.SnapshotAsync();
        foreach (var step in Begin.Concat(steps))
        {
            await TakeAsync(gallery, faces, step);
        }

        var end = await gallery.SnapshotAsync();
        var undos = await UndoAsync(gallery, await gallery.EntriesAsync());
        (await gallery.SnapshotAsync()).IsEqualTo(beginning);
        await gallery.IndexFollowsAsync();
        await UndoAsync(gallery, undos);
        (await gallery.SnapshotAsync()).IsEqualTo(end);
        await gallery.IndexFollowsAsync();
    }

    private async Task<(int Undone, int Refused)> UndoAnyAsync(Act[] steps)
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(6);
        foreach (var step in Begin.Concat(steps))
        {
            await TakeAsync(gallery, faces, step);
        }

        var entries = await gallery.EntriesAsync();
        var (undone, refused) = (0, 0);
        foreach (var step in steps)
        {
            var entry = entries[step.A % entries.Length];
            var before = await gallery.SnapshotAsync();
            var count = (await gallery.EntriesAsync()).Length;
            try
            {
                await gallery.UndoAsync(entry);
            }
            catch (FailureException e) when (e.Failure == Failure.Conflict)
            {
                Assert.Matches(@"\A[A-Z].{9,}\.\z", e.Message);
                (await gallery.SnapshotAsync()).IsEqualTo(before);
                Assert.Equal(count, (await gallery.EntriesAsync()).Length);
                refused++;
                continue;
            }

            (await gallery.SnapshotAsync()).IsEqualTo(PutBack(before, await gallery.ChangesAsync(entry)));
            await gallery.IndexFollowsAsync();
            undone++;
        }

        return (undone, refused);
    }

    /// <summary>What an undo has to make of a state.</summary>
    private static Snapshot PutBack(Snapshot state, LedgerChange[] changes)
    {
        var expected = new Snapshot(new(state.Faces), new(state.People), [.. state.Negatives]);
        foreach (var change in changes.Where(change => !LedgerChanges.OnlyConcerns(change)))
        {
            switch (change)
            {
                case { FaceId: { } face, PersonId: { } person }:
                    _ = change.Before is null ? expected.Negatives.Remove((face, person)) : expected.Negatives.Add((face, person));
                    break;
                case { FaceId: { } face }:
                    expected.Faces[face] = LedgerJson.Read<FaceState>(change.Before)!;
                    break;
                case { PersonId: { } person, Before: null }:
                    expected.People.Remove(person);
                    break;
                case { PersonId: { } person }:
                    expected.People[person] = LedgerJson.Read<PersonState>(change.Before)!;
                    break;
            }
        }

        return expected;
    }

    /// <returns>The entries of the undos, the oldest first.</returns>
    private static async Task<long[]> UndoAsync(TestGallery gallery, long[] entries)
    {
        var undos = new List<long>();
        foreach (var entry in entries.Reverse())
        {
            undos.Add(await gallery.UndoAsync(entry));
        }

        return [.. undos];
    }

    /// <summary>Decides something; what contradicts what is there is refused, as it is to a user.</summary>
    private static async Task TakeAsync(TestGallery gallery, long[] faces, Act step)
    {
        var people = (await gallery.SnapshotAsync()).People.Keys.Order().ToArray();
        var (face, name) = (faces[step.A % faces.Length], Names[step.C % Names.Length]);
        var (person, other) = people.Length == 0 ? (0, 0) : (people[step.B % people.Length], people[step.C % people.Length]);
        var cancel = TestContext.Current.CancellationToken;
        try
        {
            await (step.Kind switch
            {
                Kind.Create => gallery.PersonAsync(name),
                Kind.Rename => gallery.PeopleAsync(curation => curation.RenameAsync(gallery.Name, person, name, cancel)),
                Kind.Delete => gallery.PeopleAsync(curation => curation.DeleteAsync(gallery.Name, person, cancel)),
                Kind.Merge when person != other => gallery.PeopleAsync(curation => curation.MergeAsync(gallery.Name, person, [other], cancel)),
                Kind.Assign => gallery.AssignAsync(face, person),
                Kind.Batch => gallery.FacesAsync(curation => curation.AssignManyAsync(
                    gallery.Name, [face, faces[step.C % faces.Length], face], person, step.C / 1000f, new Origin("library", LedgerAction.BulkAssign), cancel)),
                Kind.Reassign when person != other =>
                    gallery.FacesAsync(curation => curation.ReassignAsync(gallery.Name, face, person, other, null, null, cancel)),
                Kind.Remove => gallery.FacesAsync(curation => curation.RemoveFromPersonAsync(gallery.Name, face, cancel)),
                Kind.MarkInvalid => gallery.FacesAsync(curation => curation.MarkAsync(gallery.Name, face, FaceMark.Invalid, cancel)),
                Kind.MarkUnknown => gallery.FacesAsync(curation => curation.MarkAsync(gallery.Name, face, FaceMark.Unknown, cancel)),
                Kind.Conclude => gallery.ConcludeAsync(
                    new AutomaticConclusion(face, person, 0.91f, true), new AutomaticConclusion(faces[step.C % faces.Length], other, 0.7f, false)),
                Kind.Approve => gallery.FacesAsync(curation => curation.ApproveAsync(gallery.Name, face, step.C % 2 == 0 ? null : other, cancel)),
                Kind.Reject => gallery.FacesAsync(curation => curation.RejectAsync(gallery.Name, face, cancel)),
                Kind.DeleteFace => gallery.FacesAsync(curation => curation.DeleteAsync(gallery.Name, face, cancel)),
                _ => Task.CompletedTask,
            });
        }
        catch (FailureException e) when (e.Failure is Failure.NotFound or Failure.Conflict)
        {
            // Refused.
        }
    }

    public sealed record Act(Kind Kind, int A, int B, int C);
}
