/* Picture: libpng and libjpeg. */
#include "picture.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>
#include <png.h>

/* A function of its own also in a fast build, whose compiler would not leave a name for the report. */
__attribute__((noinline)) void *need(size_t size_bytes)
{
    void *memory = malloc(size_bytes);
    if (!memory)
        abort();
    return memory;
}

void picture_free(struct picture *picture)
{
    free(picture->rgb);
    picture->rgb = NULL;
}

/* ---------------------------------------------------------------- PNG */

static int read_png(struct picture *picture, const uint8_t *file, size_t size_bytes, char why[200])
{
    static const png_color white = {255, 255, 255};
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (png_image_begin_read_from_memory(&image, file, size_bytes)) {
        image.format = PNG_FORMAT_RGB;
        picture->width = image.width;
        picture->height = image.height;
        picture->rgb = need(3 * picture->width * picture->height);
        if (png_image_finish_read(&image, &white, picture->rgb, 0, NULL))
            return 0;
    }
    snprintf(why, 200, "%s", image.message);
    return -1;
}

int picture_write(const struct picture *picture, const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .format = PNG_FORMAT_RGB,
                       .width = (png_uint_32)picture->width,
                       .height = (png_uint_32)picture->height};
    return png_image_write_to_file(&image, path, 0, picture->rgb, 0, NULL) ? 0 : -1;
}

/* ---------------------------------------------------------------- JPEG */

struct jpeg_trouble {
    struct jpeg_error_mgr manager; /* the first: libjpeg knows this one */
    jmp_buf back;
    char *why;
};

static void jpeg_fails(j_common_ptr jpeg)
{
    struct jpeg_trouble *trouble = (struct jpeg_trouble *)jpeg->err;
    char text[JMSG_LENGTH_MAX];
    trouble->manager.format_message(jpeg, text);
    snprintf(trouble->why, 200, "%s", text);
    longjmp(trouble->back, 1);
}

/* A warning, level -1, is data that is not as it should be: libjpeg would paint it grey. */
static void jpeg_says(j_common_ptr jpeg, int level)
{
    if (level < 0)
        jpeg_fails(jpeg);
}

static void decode_jpeg(struct jpeg_decompress_struct *jpeg, struct picture *picture,
                        const uint8_t *file, size_t size_bytes)
{
    jpeg_create_decompress(jpeg);
    jpeg_mem_src(jpeg, file, size_bytes);
    jpeg_read_header(jpeg, TRUE);
    jpeg->out_color_space = JCS_RGB;
    jpeg_start_decompress(jpeg);
    picture->width = jpeg->output_width;
    picture->height = jpeg->output_height;
    picture->rgb = need(3 * picture->width * picture->height);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = picture->rgb + 3 * picture->width * jpeg->output_scanline;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
}

static int read_jpeg(struct picture *picture, const uint8_t *file, size_t size_bytes, char why[200])
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_trouble trouble = {.why = why};
    jpeg.err = jpeg_std_error(&trouble.manager);
    trouble.manager.error_exit = jpeg_fails;
    trouble.manager.emit_message = jpeg_says;
    volatile int r = -1; /* longjmp comes back here */
    if (setjmp(trouble.back) == 0) {
        decode_jpeg(&jpeg, picture, file, size_bytes);
        r = 0;
    }
    jpeg_destroy_decompress(&jpeg);
    return r;
}

/* ---------------------------------------------------------------- any */

/* The whole file, or NULL and why not. */
static uint8_t *read_file(const char *path, size_t *ret_size_bytes, char why[200])
{
    struct stat status;
    FILE *file = fopen(path, "rbe");
    uint8_t *bytes = NULL;
    if (!file) {
        snprintf(why, 200, "cannot be read: %m");
        return NULL;
    }
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode)) {
        bytes = need((size_t)status.st_size + 1);
        *ret_size_bytes = fread(bytes, 1, (size_t)status.st_size, file);
    } else {
        snprintf(why, 200, "no file");
    }
    fclose(file);
    return bytes;
}

int picture_read(struct picture *picture, const char *path, char why[200])
{
    size_t size = 0;
    uint8_t *file = read_file(path, &size, why);
    int r = -1;
    *picture = (struct picture){0};
    if (!file)
        return -1;
    if (size >= 8 && memcmp(file, "\x89PNG\r\n\x1a\n", 8) == 0)
        r = read_png(picture, file, size, why);
    else if (size >= 2 && file[0] == 0xff && file[1] == 0xd8)
        r = read_jpeg(picture, file, size, why);
    else if (size >= 1 && file[0] == 0x0a)
        r = legacy_read(picture, file, size);
    else
        snprintf(why, 200, size ? "neither PNG, JPEG nor PCX" : "an empty file");
    free(file);
    if (r)
        picture_free(picture);
    return r;
}

/* The mean of those pixels that one pixel stands for. */
static void shrink_pixel(const struct picture *picture, size_t each, size_t x, size_t y,
                         uint8_t *pixel)
{
    size_t sums[3] = {0}, count = 0;
    for (size_t row = y * each; row < (y + 1) * each && row < picture->height; row++)
        for (size_t column = x * each; column < (x + 1) * each && column < picture->width;
             column++, count++)
            for (size_t i = 0; i < 3; i++)
                sums[i] += picture->rgb[3 * (row * picture->width + column) + i];
    for (size_t i = 0; i < 3; i++)
        pixel[i] = (uint8_t)(sums[i] / count);
}

void picture_shrink(const struct picture *picture, size_t most, struct picture *ret_small)
{
    size_t longest = picture->width > picture->height ? picture->width : picture->height;
    size_t each = (longest + most - 1) / most;
    *ret_small = (struct picture){.width = (picture->width + each - 1) / each,
                                  .height = (picture->height + each - 1) / each};
    ret_small->rgb = need(3 * ret_small->width * ret_small->height);
    for (size_t y = 0; y < ret_small->height; y++)
        for (size_t x = 0; x < ret_small->width; x++)
            shrink_pixel(picture, each, x, y, ret_small->rgb + 3 * (y * ret_small->width + x));
}
