"""How a message leaves: keys, encryption, payload, who may be posted to, the posting itself."""
