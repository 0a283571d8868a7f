"""The Bus over MQTT; nothing else knows paho."""
