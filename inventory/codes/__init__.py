"""What a barcode says."""
