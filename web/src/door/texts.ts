/** Every word of the customers' page in one table. Another language is another table; what it lacks is said in English. */
const en = {
  title: "Returns",
  intro: "Give something back, or see where your return stands. You need the number of your order.",
  order: "Order number",
  email: "E-mail address you ordered with",
  sendCode: "Send me a code",
  codeSent: "If we know this order, a code is on its way to {email}. It is good for ten minutes.",
  code: "Code from the mail",
  comeIn: "Continue",
  again: "Use another order or address",
  leave: "Leave",
  yourOrder: "Order {number}",
  yourReturns: "Your returns",
  noReturns: "Nothing of this order comes back so far.",
  whatComesBack: "What would you like to give back?",
  nothingToReturn: "Nothing of this order can come back now.",
  units: "How many",
  ofUnits: "of {most}",
  reason: "Why",
  chooseReason: "Choose a reason",
  words: "Tell us more, if you like",
  photos: "Add photos",
  photosHelp: "Up to 8, where something is damaged or wrong",
  photoCount: "{count} photos",
  photoOne: "1 photo",
  removePhotos: "Remove them",
  until: "Until {day}",
  anyTime: "Can come back",
  over: "It could come back until {day}",
  final: "Final sale: it cannot come back",
  undecided: "We look at each return of this",
  on_its_way: "Can come back once it is there",
  not_sent: "Not sent yet",
  returned: "All of it is on a return already",
  how: "How do you send it?",
  label: "With our label",
  labelHelp: "You print it and hand the parcel over",
  drop_off: "I bring it to your counter",
  drop_offHelp: "No label, no parcel needed: we scan a code",
  own: "I send it myself",
  ownHelp: "We show you the address",
  seeSum: "See what you get back",
  back: "Back",
  sum: "What you get back",
  goods: "{units} × {title}",
  fee: "Fee",
  shipping: "Share of the shipping",
  labelPrice: "Our label",
  labelFree: "Our label, paid by us",
  total: "You get back",
  tax: "Tax in it: {amount}",
  when_receipt: "The money goes back the way you paid, when we have looked at the goods.",
  when_approval: "The money goes back the way you paid, as soon as the return is approved.",
  when_handover: "The money goes back the way you paid, once the carrier has scanned the parcel.",
  atOnce: "Your return is approved at once.",
  looked: "Somebody looks at your return first. We write to you.",
  asNew: "This sum is for goods that come back as they were sent.",
  keepIt: "You keep it. Nothing has to be sent; the money goes back the way you paid, as soon as the return is approved.",
  kept: "You keep it. Nothing has to be sent.",
  confirm: "Ask for this return",
  yourReturn: "Return {number}",
  printLabel: "Open the label to print",
  labelComing: "The label is being made. Look again in a moment.",
  showCode: "Show this code at our counter",
  sendTo: "Send it to",
  writeNumber: "Write {number} on the parcel.",
  tracking: "{carrier}, {number}",
  given: "{amount} given back",
  owed: "{amount} is owed to you and on its way",
  call_off: "Call this return off",
  callOffSure: "Call it off? Your label is worth nothing then.",
  yes: "Yes, call it off",
  no: "Keep it",
  declined: "We cannot take it back: {why}",
  addPhoto: "Add a photo",
  photoOf: "Photo of {title}",
  steps: "What has happened",
  loading: "One moment …",
  tryAgain: "Try again",
  noAnswer: "There is no answer. What you entered is still here; try again in a moment.",
  photoFailed: "Your return is asked for. A photo could not be sent: {why} You can add it below.",
  step_requested: "You asked for the return",
  step_approved: "Approved",
  step_declined: "Not possible",
  step_cancelled: "Called off",
  step_partly_received: "A part of it is here",
  step_received: "All of it is here",
  step_refunded: "Money given back",
  step_closed: "Done",
  step_parcel_in_transit: "The carrier has it",
  step_parcel_out_for_delivery: "On its last way to us",
  step_parcel_delivered: "The carrier brought it to us",
  step_parcel_pending: "The label is made",
  step_parcel_picked_up: "The carrier has it",
  step_parcel_on_hold: "It stands still at the carrier",
  step_parcel_ready_for_pickup: "It waits for us to fetch it",
  step_parcel_delivery_failed: "The carrier could not hand it over to us",
  step_parcel_delivery_delayed: "The carrier says that it comes later",
  step_parcel_return_to_sender: "The carrier brings it back to you",
  step_parcel_cancelled: "The label was given back",
  step_parcel_unknown: "News from the carrier",
  state_requested: "We look at it",
  state_approved: "Approved",
  state_approved_on_its_way: "On its way to us",
  state_approved_arrived: "It has arrived",
  state_partly_received: "A part of it is here",
  state_received: "It is here",
  state_refunded: "Paid back",
  state_closed: "Done",
  state_declined: "Not possible",
  state_cancelled: "Called off",
  reason_changed_mind: "I changed my mind",
  reason_too_small: "It is too small",
  reason_too_large: "It is too large",
  reason_not_as_described: "It is not as described",
  reason_wrong_item: "I got something else",
  reason_damaged: "It arrived damaged",
  reason_faulty: "It does not work",
  reason_late: "It came too late",
  reason_other: "Something else",
};

export type Word = keyof typeof en;
export type Language = Partial<Record<Word, string>>;

export const LANGUAGES: Record<string, Language> = { en };

const chosen = navigator.languages.map((name) => name.split("-")[0]!.toLowerCase()).find((name) => LANGUAGES[name]) ?? "en";
export const locale = chosen;

export const isWord = (name: string): name is Word => name in en;

/** A text with its gaps filled. Values are put in as they are: what is in braces in them means nothing. */
export function say(word: Word, values: Record<string, string | number> = {}): string {
  const text = LANGUAGES[chosen]?.[word] ?? en[word];
  return text.replace(/\{(\w+)\}/g, (gap, name: string) => (name in values ? String(values[name]) : gap));
}

/** A word that the server named, or its own name where this release does not know it. */
export const sayOf = (kind: string, name: string): string => {
  const word = kind ? `${kind}_${name}` : name;
  return isWord(word) ? say(word) : name.replaceAll("_", " ");
};

export const day = (iso: string) => new Date(`${iso}T12:00:00`).toLocaleDateString(locale, { day: "numeric", month: "long", year: "numeric" });
export const moment = (iso: string) => new Date(iso).toLocaleString(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** Where a return stands, in a word or two: an approved one also says how far its parcel has come. */
export function stateOf(one: { status: string; parcel: string; keeps?: boolean }): string {
  if (one.keeps && one.status === "received") return sayOf("state", "approved");
  const moved = one.status === "approved" && one.parcel !== "awaited";
  return sayOf("state", moved ? `approved_${one.parcel}` : one.status);
}
