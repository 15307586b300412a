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
