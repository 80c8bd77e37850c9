namespace FaceCloud.Identity.Audit;

/// <summary>What entries of the audit trail call what was done, apart from decisions, which have the names of <see cref="LedgerAction"/>.</summary>
internal static class AuditAction
{
    public const string LookUp = "lookup";
    public const string Export = "export";
    public const string Delete = "delete";
    public const string Erase = "erase";

    /// <summary>Of a decision: whatever takes faces or people away is a deletion, by whichever dialect's name.</summary>
    public static string Of(string ledgerAction) =>
        ledgerAction is LedgerAction.Erase or LedgerAction.DeletePerson or LedgerAction.DeleteFace ? Delete : ledgerAction;
}
