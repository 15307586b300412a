"""Tables in and out, for whoever runs a clinic: bring a file, see what each row would do, import it; take data out."""
