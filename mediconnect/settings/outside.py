"""Services of others. Without its variables a channel uses the sandbox: it delivers nothing and records everything."""

from mediconnect import env

TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = env.text("TWILIO_FROM", "")
TWILIO_MESSAGING_SERVICE = env.text("TWILIO_MESSAGING_SERVICE", "")
TWILIO_API_URL = env.url("TWILIO_API_URL", "")

SENDGRID_API_KEY = env.text("SENDGRID_API_KEY", "")
SENDGRID_FROM = env.text("SENDGRID_FROM", "")
SENDGRID_API_URL = env.url("SENDGRID_API_URL", "")
SENDGRID_WEBHOOK_PUBLIC_KEY = env.text("SENDGRID_WEBHOOK_PUBLIC_KEY", "")

# Half a set of keys is a mistake: messages would go to the sandbox, and everybody would think that they were sent.
if TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN:
    env.together(
        {
            "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": TWILIO_AUTH_TOKEN,
            "TWILIO_MESSAGING_SERVICE or TWILIO_FROM": TWILIO_MESSAGING_SERVICE or TWILIO_FROM,
        }
    )
if SENDGRID_API_KEY:
    env.together({"SENDGRID_API_KEY": SENDGRID_API_KEY, "SENDGRID_FROM": SENDGRID_FROM})

EHR_FHIR_URL = env.url("EHR_FHIR_URL", "")
EHR_TOKEN_URL = env.url("EHR_TOKEN_URL", "")
EHR_CLIENT_ID = env.text("EHR_CLIENT_ID", "")
EHR_CLIENT_KEY = env.text("EHR_CLIENT_KEY", "")

# Programs that clinics want told. Addresses that customers type are called over TLS and at these ports alone; for the
# development of a receiver also on this machine.
WEBHOOK_PORTS = tuple(int(port) if port.isdecimal() else -1 for port in env.listing("WEBHOOK_PORTS", ("443",)))
if not all(1 <= port <= 65535 for port in WEBHOOK_PORTS):
    raise env.EnvironmentValueError("WEBHOOK_PORTS", "must hold ports: whole numbers from 1 to 65535.")
WEBHOOKS_TO_THIS_MACHINE = env.boolean("WEBHOOKS_TO_THIS_MACHINE", default=False)
if WEBHOOKS_TO_THIS_MACHINE and not env.boolean("DEBUG", default=False):
    raise env.EnvironmentValueError("WEBHOOKS_TO_THIS_MACHINE", "is for development: it needs DEBUG.")
