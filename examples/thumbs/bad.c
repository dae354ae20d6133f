/* Bad pictures, made on purpose, and a large one that is good. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "picture.h"

static int write_file(const char *folder, const char *name, const void *bytes, size_t size_bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wbe");
    bool is_written = file && fwrite(bytes, 1, size_bytes, file) == size_bytes;
    if (file)
        is_written &= fclose(file) == 0;
    if (!is_written)
        perror(path);
    return is_written ? 0 : -1;
}

/* Waves in colours. The caller frees it. */
static uint8_t *make_jpeg(unsigned width, unsigned height, unsigned long *ret_size_bytes)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    uint8_t *bytes = NULL, *row = need((size_t)3 * width);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, ret_size_bytes);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < 3 * width; x++)
            row[x] = (uint8_t)(x * y / 4096 + x / 8 + y / 16);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    free(row);
    return bytes;
}

static int make_jpegs(const char *folder)
{
    unsigned long size = 0;
    uint8_t *bytes = make_jpeg(4000, 3000, &size);
    int r = write_file(folder, "12-megapixels.jpg", bytes, size);
    free(bytes);
    bytes = make_jpeg(400, 300, &size);
    if (r == 0)
        r = write_file(folder, "truncated.jpg", bytes, size / 2);
    free(bytes);
    return r;
}

static void put_be32(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t crc32_of(const uint8_t *bytes, size_t size_bytes)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < size_bytes; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* A chunk: length, kind, data, checksum. */
static uint8_t *put_chunk(uint8_t *at, const char *kind, const void *data, uint32_t size_bytes)
{
    put_be32(at, size_bytes);
    memcpy(at + 4, kind, 4);
    memcpy(at + 8, data, size_bytes);
    put_be32(at + 8 + size_bytes, crc32_of(at + 4, size_bytes + 4));
    return at + 12 + size_bytes;
}

static int make_huge_png(const char *folder)
{
    uint8_t file[256] = "\x89PNG\r\n\x1a\n", header[13] = {0}, rows[16] = {0};
    put_be32(header, 50000);
    put_be32(header + 4, 50000);
    header[8] = 8; /* bits each */
    header[9] = 2; /* RGB */
    uint8_t *end = put_chunk(file + 8, "IHDR", header, sizeof header);
    end = put_chunk(end, "IDAT", rows, sizeof rows);
    end = put_chunk(end, "IEND", "", 0);
    return write_file(folder, "50000x50000.png", file, (size_t)(end - file));
}

enum { PCX_HEADER = 128, PCX_PALETTE = 768, PCX_BYTES = PCX_HEADER + 100 + PCX_PALETTE };

/* Ten rows of ten pixels, each row a run. */
static void make_pcx(uint8_t file[PCX_BYTES])
{
    memset(file, 0, PCX_BYTES);
    file[0] = 0x0a;
    file[8] = file[10] = 9; /* the last column and row */
    file[66] = 10;          /* bytes of a row */
    for (int y = 0; y < 10; y++) {
        file[PCX_HEADER + 2 * y] = 0xc0 | 10;
        file[PCX_HEADER + 2 * y + 1] = (uint8_t)(20 * y);
    }
    for (int i = 0; i < PCX_PALETTE; i++)
        file[PCX_BYTES - PCX_PALETTE + i] = (uint8_t)(i / 3);
}

static int make_pcxs(const char *folder)
{
    uint8_t file[PCX_BYTES];
    make_pcx(file);
    int r = write_file(folder, "old.pcx", file, sizeof file);
    /* It claims a picture of one column, and rows that are 65,535 bytes long. */
    file[10] = 255;
    file[11] = 255;
    file[66] = 255;
    file[67] = 255;
    file[8] = 0;
    if (r == 0)
        r = write_file(folder, "overflow.pcx", file, sizeof file);
    /* Runs of nothing, to the end and beyond. */
    make_pcx(file);
    memset(file + PCX_HEADER, 0xc0, 100);
    return r ? r : write_file(folder, "endless.pcx", file, sizeof file);
}

int make_bad_pictures(const char *folder)
{
    return write_file(folder, "empty.png", "", 0) || make_jpegs(folder) || make_huge_png(folder) ||
                   make_pcxs(folder)
               ? -1
               : 0;
}
