// Encodes a Sparkplug payload, given as JSON on standard input, with Eclipse Tahu's own JavaScript encoder; answers base64.
const encoder = require("sparkplug-payload").get("spBv1.0");
let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", () => process.stdout.write(Buffer.from(encoder.encodePayload(JSON.parse(text))).toString("base64")));
