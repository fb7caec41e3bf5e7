"""From a notification to a push service: keys, encryption, payload, who may be posted to, the posting itself.

Knows neither the store nor the web framework: what to send comes in, what became of it goes out.
"""
