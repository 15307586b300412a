"""The pages of absences over booked visits."""
