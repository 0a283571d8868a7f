// An edge node with one device, by Eclipse Tahu's own client: born, measuring, gone. Arguments: port, group.
const { newClient } = require("sparkplug-client");
const [port, groupId] = process.argv.slice(2);
const serverUrl = `mqtt://127.0.0.1:${port}`;
const node = newClient({ serverUrl, username: "", password: "", groupId, edgeNode: "Edge", clientId: groupId, version: "spBv1.0" });
const said = (metrics) => ({ timestamp: Date.now(), metrics });
node.on("birth", () => {
  node.publishNodeBirth(said([{ name: "Uptime", type: "Int64", value: 5 }]));
  const unit = { engUnit: { type: "String", value: "°C" } };
  node.publishDeviceBirth("Mixer", said([
    { name: "Speed", alias: 7, type: "Int16", value: -40 },
    { name: "Oil/Temperature", alias: 8, type: "Float", value: 61.5, properties: unit },
    { name: "On", alias: 9, type: "Boolean", value: true },
  ]));
  node.publishDeviceData("Mixer", said([{ alias: 7, type: "Int16", value: -41 }, { alias: 8, type: "Float", value: 62 }]));
  node.publishDeviceDeath("Mixer", said());
  setTimeout(() => process.exit(), 1500); // without a goodbye: the broker publishes its will, NDEATH
});
