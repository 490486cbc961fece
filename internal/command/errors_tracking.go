package command

// The error replies of CLIENT TRACKING and CLIENT CACHING.
const (
	errTrackRedirects = "ERR A client can only redirect to a single other client"
	errTrackRedirect  = "ERR The client ID you want redirect to does not exist"
	errTrackPrefix    = "ERR PREFIX option requires BCAST mode to be enabled"
	errTrackBcast     = "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode."
	errTrackOpt       = "ERR OPTIN and OPTOUT are not compatible with BCAST"
	errTrackBoth      = "ERR You can't specify both OPTIN mode and OPTOUT mode"
	errTrackSwitch    = "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode."

	errCachingMode = "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"
	errCachingYes  = "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode."
	errCachingNo   = "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode."
)

func errTrackOverlap(prefix, which, other string) string {
	return "ERR Prefix '" + prefix + "' overlaps with " + which + " prefix '" + other + "'. Prefixes for a single client must not overlap."
}
