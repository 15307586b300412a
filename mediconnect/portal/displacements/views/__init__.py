"""The doors of absences over booked visits, by what one does there."""
