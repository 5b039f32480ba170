// The sentence for a used-up plan: what to do depends on the plan, when on the reset time.
// wire: these texts are the reference's, recorded for each plan.

const CREDITS = "https://chatgpt.com/codex/settings/usage";

const ADVICE: Readonly<Record<string, string>> = {
  free: "Upgrade to Plus to continue using Codex (https://chatgpt.com/explore/plus), or",
  go: "Upgrade to Plus to continue using Codex (https://chatgpt.com/explore/plus), or",
  plus: `Upgrade to Pro (https://chatgpt.com/explore/pro), visit ${CREDITS} to purchase more credits or`,
  pro: `Visit ${CREDITS} to purchase more credits or`,
  team: "To get more access now, send a request to your admin or",
  business: "To get more access now, send a request to your admin or",
};

/** `resetsAt` is Unix seconds; shown in the server's time zone. */
export function usageLimitMessage(plan: string | null, resetsAt: number | null): string {
  const advice = plan !== null && Object.hasOwn(ADVICE, plan) ? ADVICE[plan] : undefined;
  const when = resetsAt === null ? "later" : `at ${formatTime(new Date(resetsAt * 1000))}`;
  return `You've hit your usage limit. ${advice === undefined ? "Try" : `${advice} try`} again ${when}.`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** As "Mar 17th, 2030 5:46 PM". */
function formatTime(time: Date): string {
  const day = time.getDate();
  const hour = time.getHours();
  const minutes = String(time.getMinutes()).padStart(2, "0");
  return `${MONTHS[time.getMonth()]} ${day}${ordinalSuffix(day)}, ${time.getFullYear()} ` +
    `${hour % 12 || 12}:${minutes} ${hour < 12 ? "AM" : "PM"}`;
}

function ordinalSuffix(day: number): string {
  if (day >= 11 && day <= 13) return "th";
  return ["th", "st", "nd", "rd"][day % 10] ?? "th";
}
